"""From mail to an audit: read, keep what lies in the window, join threads, look."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

from goodword.audit.findings import Audit, Auditor
from goodword.audit.letters import Letter, Ours, guessed, letter_of
from goodword.audit.sources import Raw
from goodword.audit.threads import threads
from goodword.channels.mail.reading import Reader
from goodword.clock import Schedule


class Source(Protocol):
    """Somewhere mail comes from. `troubles` names what could not be read, in a sentence."""

    troubles: list[str]

    def count(self) -> int: ...

    def mails(self) -> Iterator[Raw]: ...


def read_letters(source: Source, progress: Callable[[], None]) -> list[Letter]:
    """Every letter of a source, read by a limited child as mail of strangers is."""
    letters = []
    with Reader() as reader:
        for name, raw in source.mails():
            letter = letter_of(name, reader.read(raw)) if raw.strip() else None
            if letter is not None:
                letters.append(letter)
            progress()
    return letters


def audited(
    letters: list[Letter], ours: Ours | None, schedule: Schedule, since: datetime, until: datetime
) -> Audit:
    """Judge letters between two instants; without `ours` the mailbox says who we are."""
    known = [letter for letter in letters if letter.at <= until]
    auditor = Auditor(ours or guessed(known), schedule, since, until)
    return auditor.audit(thread for thread in threads(known) if thread[-1].at >= since)
