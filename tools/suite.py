"""Run the tests and checks and close with one line that counts all of them.

`python -m tools.suite [--whole | --quick | --lint | --faults] [-- PYTEST ARGUMENTS]`
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.faults.rows import ON_POSTGRESQL, PROOFS
from tests.peers import postgres, processes, programs
from tools.tally import Tally

REPORTS = Path("build/tests")
PLAIN = "not browser and not peers and not long"
# Sizes of the long set; what is said on the command line comes after them and counts.
LONG = ("--kills", "300", "--mails", "10000", "--cuts", "20", "--backups", "20")
# Two workers keep both cores busy; browsers and servers are steadier one at a time.
PARALLEL = ("-n", "2", "--dist", "worksteal")
# The long set takes an hour alone, and several where the machine has other work.
MINUTES, MINUTES_OF_FAULTS = 90, 360
# A browser on a busy machine may miss a second; more than this is a fault, and not asked again.
MOST_AGAIN = 3
# Where the hour of the long set goes.
LONGEST = "--durations=25"
TESTDATA = Path(os.environ.get("GOODWORD_TESTDATA") or "../shared/data")

# Named one by one, because .tools holds other people's Python.
OURS = ("src", "tests", "tools", "bench")
CHECKS = (
    ("ruff check", ("ruff", "check", "--quiet", *OURS)),
    ("ruff format", ("ruff", "format", "--check", "--quiet", *OURS)),
    ("mypy --strict", ("mypy", "--no-error-summary")),
    ("import-linter", ("tools.imports",)),
    ("bandit", ("bandit", "-q", "-c", "pyproject.toml", "-r", "src")),
)


def main() -> int:
    wish = _wish()
    tally = Tally()
    started = time.monotonic()
    if wish.faults:
        _faults(tally, wish.arguments)
    elif not wish.lint:
        _tests_on_sqlite(tally, wish.arguments)
        if not wish.quick:
            _tests_with_peers(tally, wish.arguments)
            _tests_on_postgresql(tally, wish.arguments)
    if not (wish.quick or wish.faults):
        _checks(tally)
    if wish.whole:
        _demand_proofs(tally)
    print(f"\n{tally.report()}\nAfter {time.monotonic() - started:.0f} s:\n{tally.closing_line()}")
    return 1 if tally.failed or not tally.passed else 0


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--whole", action="store_true", help="a proof that is missing is a failure")
    kind.add_argument("--quick", action="store_true", help="SQLite only, no browser, no servers")
    kind.add_argument("--lint", action="store_true", help="no tests, only the checks")
    kind.add_argument("--faults", action="store_true", help="the long set of faults, and no more")
    parser.add_argument("arguments", nargs="*", help="handed on to pytest")
    return parser.parse_args()


def _tests_on_sqlite(tally: Tally, arguments: Sequence[str]) -> None:
    environment = os.environ | {"GOODWORD_DATABASE_URL": ""}
    _pytest(tally, "SQLite", [*PARALLEL, "-m", PLAIN, *arguments], environment)


def _tests_with_peers(tally: Tally, arguments: Sequence[str]) -> None:
    environment = os.environ | {"GOODWORD_DATABASE_URL": ""}
    name, chosen = "Chromium and servers", ["-m", "(browser or peers) and not long", *arguments]
    before = tally.failed
    _pytest(tally, name, chosen, environment)
    failed = [what for what, _ in tally.failures[before:]]
    if 0 < len(failed) <= MOST_AGAIN and all(map(_is_in_browser, failed)):
        print("\nOnce more, what failed in the browser", flush=True)
        report = REPORTS / "again.xml"
        report.unlink(missing_ok=True)
        again = ["-q", "--no-header", "--last-failed", f"--junitxml={report}", *chosen]
        _run(["pytest", *again], environment, MINUTES)
        if report.exists():
            tally.read_again(name, report)


def _is_in_browser(name: str) -> bool:
    return name.startswith("tests.browser.") or "_in_a_browser" in name


def _faults(tally: Tally, arguments: Sequence[str]) -> None:
    """Every proof of “nothing lost, nothing doubled”, in its long size."""
    files = sorted({proof for row in PROOFS.values() for proof in row})
    environment = os.environ | {"GOODWORD_DATABASE_URL": ""}
    # A browser leaves a loop behind that runs, and others could not begin one of their own.
    for name, chosen in (("Faults", "not browser"), ("Browser and faults", "browser")):
        _pytest(tally, name, [*files, *LONG, LONGEST, "-m", chosen, *arguments], environment)
    _on_postgresql(tally, "PostgreSQL and faults", [*ON_POSTGRESQL, *LONG, LONGEST, *arguments])


def _tests_on_postgresql(tally: Tally, arguments: Sequence[str]) -> None:
    """Run what touches the database again, on PostgreSQL."""
    chosen = [*PARALLEL, "--database-only", "-m", PLAIN, *arguments]
    _on_postgresql(tally, "PostgreSQL", chosen)


def _on_postgresql(tally: Tally, name: str, chosen: Sequence[str]) -> None:
    if not (os.environ.get("GOODWORD_DATABASE_URL") or programs.POSTGRESQL.is_here()):
        tally.skip(f"every test of the run “{name}”", programs.POSTGRESQL.absence())
        return
    try:
        with _postgresql() as url:
            _pytest(tally, name, chosen, os.environ | {"GOODWORD_DATABASE_URL": url})
    except processes.NotStarted as error:
        tally.fail("PostgreSQL's start", str(error))


@contextmanager
def _postgresql() -> Iterator[str]:
    url = os.environ.get("GOODWORD_DATABASE_URL")
    if url:
        yield url
        return
    with postgres.cluster() as url:
        yield url


def _pytest(tally: Tally, name: str, arguments: Sequence[str], environment: dict[str, str]) -> None:
    print(f"\nTests: {name}", flush=True)
    report = REPORTS / f"{name.split()[0].lower()}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    # A long fault lasts for many minutes, and each of its stacks would be hundreds of lines.
    is_long = LONGEST in arguments
    hangs = 1800 if is_long else 120
    options = ["-q", "--no-header", "-o", f"faulthandler_timeout={hangs}", f"--junitxml={report}"]
    minutes = MINUTES_OF_FAULTS if is_long else MINUTES
    code = _run(["pytest", *options, *arguments], environment, minutes)
    tally.read(name, report, code)


def _checks(tally: Tally) -> None:
    print("\nChecks", flush=True)
    for name, command in CHECKS:
        done = subprocess.run(
            [sys.executable, "-m", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        print(f"{name}: {'failed' if done.returncode else 'passed'}", flush=True)
        if done.returncode:
            print(done.stdout, flush=True)
            tally.fail(name, "its words stand above")
        else:
            tally.passed += 1


def _run(command: Sequence[str], environment: dict[str, str], minutes: int) -> int:
    """Run a Python module and return its exit code; 124 says that it took too long."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.DEVNULL,
        env=environment,
        start_new_session=True,
    )
    try:
        return process.wait(timeout=60 * minutes)
    except (subprocess.TimeoutExpired, KeyboardInterrupt) as reason:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        if isinstance(reason, KeyboardInterrupt):
            raise
        return 124


def _demand_proofs(tally: Tally) -> None:
    """Count a proof that nobody gave as a failure: a green run must have seen everything."""
    demanded = ["SQLite", "PostgreSQL", "browser", "peers"]
    if TESTDATA.is_dir():
        demanded.append("testdata")
    for proof in demanded:
        if not tally.proofs[proof]:
            tally.fail(f"the proof “{proof}”", "not one of its tests ran and passed")


if __name__ == "__main__":
    sys.exit(main())
