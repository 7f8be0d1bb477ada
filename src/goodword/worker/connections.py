"""The database connection of a thread that Django does not look after."""

from django.db import close_old_connections, connection


def drop_if_broken() -> None:
    """Close what an error left behind, so that the next question gets a new connection."""
    if not connection.in_atomic_block:
        close_old_connections()
