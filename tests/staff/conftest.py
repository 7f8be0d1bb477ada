"""Two processes on a database of their own, made once for all tests that let them race."""

import psycopg
import pytest

from tests.worker.test_together_on_postgres import Desk

_GATHER = """
from django.core.management import call_command
from tests.cast import gather
call_command("migrate", verbosity=0, interactive=False)
gather()
print("{}")
"""


@pytest.fixture(scope="session")
def racing_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return _gathered(Desk("", tmp_path_factory.mktemp("racing")))


@pytest.fixture(scope="session")
def racing_on_postgresql(postgres_cluster: str, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    with psycopg.connect(postgres_cluster, autocommit=True) as cluster:
        cluster.execute("CREATE DATABASE racing")
    url = postgres_cluster.rpartition("/")[0] + "/racing"
    return _gathered(Desk(url, tmp_path_factory.mktemp("racing")))


def _gathered(desk: Desk) -> Desk:
    desk.run(_GATHER)
    return desk
