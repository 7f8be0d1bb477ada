"""Django with one database file and next to nothing else, for processes that a test starts."""

import os
import sys
from collections.abc import Mapping
from typing import Any

import django
import pysqlite3
from django.conf import settings

PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"


def database(environment: Mapping[str, str]) -> dict[str, Any]:
    if place := environment.get("ERRANDS_POSTGRES"):
        names = dict(zip(("HOST", "PORT", "NAME", "USER"), place.split(","), strict=True))
        return {"ENGINE": "django.db.backends.postgresql", **names}
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": environment["ERRANDS_FILE"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 20, "init_command": PRAGMAS},
    }


def configure(**more: Any) -> None:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2
    settings.configure(
        SECRET_KEY="only for tests",
        ALLOWED_HOSTS=["*"],
        USE_TZ=True,
        DATABASES={"default": database(os.environ)},
        INSTALLED_APPS=["tests.server.workapp"],
        **more,
    )
    django.setup()
