"""The cast as fixtures, and a clock that is put back after each test."""

from collections.abc import Iterator

import pytest

from goodword.core.time import clock
from tests.cast import Desk, gather


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    yield
    clock.follow_the_machine()


@pytest.fixture
def desk(db: None) -> Desk:
    return gather()
