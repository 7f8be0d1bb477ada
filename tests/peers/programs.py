"""The real servers and tools that tests talk to: which they are, and where they are found."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / ".tools"


@dataclass(frozen=True)
class Peer:
    """A program that is not ours, with the Debian packages that bring it."""

    name: str
    programs: tuple[str, ...]
    packages: tuple[str, ...]
    proves: str

    def is_here(self) -> bool:
        return all(find(program) for program in self.programs)

    def absence(self) -> str:
        packages = " ".join(self.packages)
        return f"{self.name} is not here (Debian: apt install {packages}), so {self.proves}"


CHROMIUM = Peer("Chromium", ("chromium",), ("chromium",), "no screen was tried in a browser")
POSTGRESQL = Peer(
    "PostgreSQL",
    ("initdb", "postgres"),
    ("postgresql",),
    "nothing was tried on that database",
)
POSTFIX = Peer(
    "Postfix",
    ("postfix",),
    ("postfix",),
    "no mail went through a real mail server",
)
SMTP_TOOLS = Peer(
    "smtp-source",
    ("smtp-source", "smtp-sink"),
    ("postfix",),
    "the mail listener was not tried with Postfix's own tools",
)
DOVECOT = Peer(
    "Dovecot",
    ("dovecot",),
    ("dovecot-imapd", "dovecot-lmtpd"),
    "no mail was fetched from a real mailbox",
)
SWAKS = Peer("swaks", ("swaks",), ("swaks",), "the mail listener was not tried with swaks")
GETTEXT = Peer("gettext", ("msgfmt", "xgettext"), ("gettext",), "no translation was checked")

PEERS = (CHROMIUM, POSTGRESQL, POSTFIX, SMTP_TOOLS, DOVECOT, SWAKS, GETTEXT)


def find(program: str) -> Path | None:
    """Return where `program` is installed or was unpacked, or None."""
    found = shutil.which(program, path=os.pathsep.join(_folders()))
    return Path(found) if found else None


def _folders() -> list[str]:
    # Debian keeps servers off an ordinary user's PATH, and PostgreSQL's off everybody's.
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_version, reverse=True)
    system = [os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"]
    return [*system, *map(str, versions), str(TOOLS / "bin")]


def _version(folder: Path) -> int:
    name = folder.parent.name
    return int(name) if name.isdigit() else 0
