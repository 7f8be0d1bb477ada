"""Fetch the foreign programs that the tests use: `python -m tools.needs [PROGRAM…]`.

As root on Debian they are installed. Anybody else gets the same packages unpacked into ./.tools.
What cannot be had is named, and the tests that need it are counted as skipped.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.peers import programs
from tools import unpacked

LOG = Path("build/needs.log")
NO_DAEMONS = Path("/usr/sbin/policy-rc.d")
APT = (
    "-o",
    "Acquire::Retries=2",
    "-o",
    "Acquire::http::Timeout=30",
    "-o",
    "Acquire::https::Timeout=30",
)
QUIET = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}


def main(wanted: Sequence[str]) -> None:
    missing = _missing(wanted)
    if missing and shutil.which("apt-get"):
        LOG.parent.mkdir(exist_ok=True)
        names = ", ".join(peer.name for peer in missing)
        where = "with apt-get" if os.geteuid() == 0 else "into ./.tools"
        print(
            f"Fetching {names} {where}; this is done once and can take some minutes …", flush=True
        )
        packages = sorted({package for peer in missing for package in peer.packages})
        (_install if os.geteuid() == 0 else _unpack)(packages)
    for peer in _missing(wanted):
        reason = f" {LOG} may say why." if LOG.exists() else ""
        print(f"{peer.absence()}.{reason}", flush=True)


def _missing(wanted: Sequence[str]) -> list[programs.Peer]:
    peers = [peer for peer in programs.PEERS if not wanted or set(wanted) & set(peer.programs)]
    # Only root can run a Postfix, so for anybody else it would be fetched in vain.
    if os.geteuid() != 0:
        peers = [peer for peer in peers if peer is not programs.POSTFIX]
    return [peer for peer in peers if not peer.is_here()]


def _install(packages: Sequence[str]) -> None:
    with _no_daemons():
        if _said_yes(["apt-get", *APT, "update"]):
            command = ["apt-get", *APT, "-o", "DPkg::Lock::Timeout=120", "install", "-y"]
            _said_yes([*command, "--no-install-recommends", *packages])


@contextmanager
def _no_daemons() -> Iterator[None]:
    """Keep Debian from starting what it installs; the tests start their own."""
    if NO_DAEMONS.exists():
        yield
        return
    NO_DAEMONS.write_text("#!/bin/sh\nexit 101\n")
    NO_DAEMONS.chmod(0o755)
    try:
        yield
    finally:
        NO_DAEMONS.unlink(missing_ok=True)


def _unpack(packages: Sequence[str]) -> None:
    apt = ["apt-get", *APT, *unpacked.apt_options(programs.TOOLS)]
    if _said_yes([*apt, "update"]):
        command = [*apt, "install", "-y", "--download-only", "--no-install-recommends"]
        if _said_yes([*command, *packages]):
            peers = [peer for peer in programs.PEERS if peer is not programs.POSTFIX]
            unpacked.unpack(programs.TOOLS, [name for peer in peers for name in peer.programs])


def _said_yes(command: Sequence[str]) -> bool:
    """Run `command`, once more if it fails; what it says goes to the log."""
    for _ in range(2):
        with LOG.open("a") as log:
            try:
                done = subprocess.run(
                    list(command),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    env=os.environ | QUIET,
                    timeout=900,
                )
            except subprocess.TimeoutExpired:
                print("This took more than 15 minutes and was stopped.", file=log)
                continue
        if done.returncode == 0:
            return True
    return False


if __name__ == "__main__":
    main(sys.argv[1:])
