"""A Goodword in a folder that goes away again, on SQLite or a PostgreSQL of its own.

Or in a folder that is kept: what was loaded there once is measured again without loading it.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def database(*, postgres: bool, keep: Path | None = None) -> Iterator[str]:
    """Set Django up on an empty database, or on that of `keep`; yields what kind it is."""
    sys.path[:0] = [str(ROOT), str(ROOT / "src")]
    with ExitStack() as stack:
        folder = keep.absolute() if keep else stack.enter_context(tempfile.TemporaryDirectory())
        Path(folder).mkdir(parents=True, exist_ok=True)
        os.environ["GOODWORD_DATA"] = str(folder)
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
