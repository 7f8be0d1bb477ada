"""What the database knows of its own rows, by which it chooses how to find them."""

from django.db.backends.base.base import BaseDatabaseWrapper


def gather(connection: BaseDatabaseWrapper) -> None:
    """After many rows came at once.

    SQLite's samples are left out: with them it plans a statement anew for each value that is
    given to it, which takes several times as long as our questions take to answer.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "sqlite":
            # Where SQLite was built without samples, there is no such table.
            cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat4'")
            for (name,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {name}")  # noqa: S608
            cursor.execute("ANALYZE sqlite_schema")  # read anew what is left
