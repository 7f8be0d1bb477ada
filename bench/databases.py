"""An empty Goodword in a folder that goes away again, on SQLite or a PostgreSQL of its own."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def database(*, postgres: bool) -> Iterator[str]:
    """Set Django up on an empty database; yields what kind it is."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with ExitStack() as stack:
        os.environ["GOODWORD_DATA"] = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ["GOODWORD_DATABASE_URL"] = ""
        os.environ.setdefault("GOODWORD_LOG_LEVEL", "WARNING")
        os.environ["DJANGO_SETTINGS_MODULE"] = "goodword.config.settings"
        if postgres:
            from tests.peers.postgres import cluster

            os.environ["GOODWORD_DATABASE_URL"] = stack.enter_context(cluster())
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", interactive=False, verbosity=0)
        stack.callback(connections.close_all)
        yield "PostgreSQL" if postgres else "SQLite"
