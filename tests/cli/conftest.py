"""A data folder that `init` made once, copied for each test."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.running import INIT, goodword

Ask = Callable[..., list[tuple[object, ...]]]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("made") / "data"
    done = goodword(data, *INIT)
    assert done.returncode == 0, done.stderr
    return data


@pytest.fixture
def data(made_once: Path, tmp_path: Path) -> Path:
    """A desk of its own, as `init` leaves it."""
    return Path(shutil.copytree(made_once, tmp_path / "data"))


@pytest.fixture
def ask(data: Path) -> Ask:
    return asker(data)


def asker(data: Path) -> Ask:
    """Look into the database from outside, without our own code."""

    def rows(sql: str, *values: object) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(data / "goodword.sqlite3", timeout=10)
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()

    return rows
