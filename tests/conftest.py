"""What every test shares: test data, markers that follow from fixtures, hypothesis profiles."""

import os
from pathlib import Path

import hypothesis
import pytest

pytest_plugins = ["tests.peers.fixtures", "tests.cast_fixtures"]

ROOT = Path(__file__).resolve().parents[1]
TESTDATA = Path(os.environ.get("GOODWORD_TESTDATA") or ROOT.parent / "shared/data")
NO_TESTDATA = "The real mails (GOODWORD_TESTDATA) are not here, so nothing was tried on them"
BROWSER = frozenset({"chromium", "person", "page", "phone"})
SERVERS = frozenset({"postgres_cluster", "dovecot", "postfix", "smtp_source", "smtp_sink", "swaks"})
DATABASE = frozenset({"db", "transactional_db", "django_db_setup", "live_server"})
PROOFS = ("browser", "peers", "testdata")

# On two busy cores a slow example says nothing about the code, so no profile has a deadline.
hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "dev")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--database-only",
        action="store_true",
        help="run only the tests that touch the database (for a second database)",
    )
    faults = parser.getgroup("faults")
    faults.addoption("--kills", type=int, default=2, help="random kills of tests/faults")
    faults.addoption("--fault-seed", type=int, default=0, help="the same random kills again")
    faults.addoption("--cuts", type=int, default=3, help="power cuts of tests/faults")
    faults.addoption("--backups", type=int, default=2, help="backups that are made under load")
    faults.addoption("--mails", type=int, default=300, help="mails of the burst of tests/faults")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        _mark(item)
    if config.getoption("--database-only"):
        config.hook.pytest_deselected(items=[item for item in items if not _asks_database(item)])
        items[:] = [item for item in items if _asks_database(item)]


def _mark(item: pytest.Item) -> None:
    used = set(getattr(item, "fixturenames", ()))
    for marker, fixtures in (("browser", BROWSER), ("peers", SERVERS), ("testdata", {"testdata"})):
        if used & fixtures:
            item.add_marker(marker)
    if item.get_closest_marker("testdata") and not TESTDATA.is_dir():
        item.add_marker(pytest.mark.skip(reason=NO_TESTDATA))
    # The summary counts from these whether each proof was given.
    proofs = [proof for proof in PROOFS if item.get_closest_marker(proof)]
    item.user_properties.extend(("proof", proof) for proof in proofs)


def _asks_database(item: pytest.Item) -> bool:
    used = set(getattr(item, "fixturenames", ()))
    return bool(item.get_closest_marker("django_db") or used & DATABASE)


@pytest.fixture(scope="session")
def testdata() -> Path:
    """The folder of real mails, dates and messages; a test that uses it is marked `testdata`."""
    if not TESTDATA.is_dir():
        pytest.skip(NO_TESTDATA)
    return TESTDATA
