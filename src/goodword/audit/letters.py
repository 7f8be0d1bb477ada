"""A mail as the audit needs it: who to whom, when, in answer to what, in whose own words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from goodword.channels.mail.addresses import domain_of, is_free_mail, normalise
from goodword.channels.mail.reading import ReadMail


@dataclass(frozen=True)
class Letter:
    """One mail. `name` is where it was found; `text` is what its author wrote themselves."""

    name: str
    message_id: str
    parents: tuple[str, ...]
    at: datetime
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    subject: str
    text: str
    machine: str = ""  # the kind of automatic mail that it is, if it is one
    list_address: str = ""
    names: tuple[tuple[str, str], ...] = ()  # of the recipients, by address

    def name_of(self, address: str) -> str:
        return dict(self.names).get(address, "")


@dataclass(frozen=True)
class Ours:
    """Which addresses are the business's own: whole domains, and single addresses beside them."""

    domains: frozenset[str]
    addresses: frozenset[str]

    @classmethod
    def of(cls, named: Iterable[str]) -> "Ours":
        """From “example.com”, “@example.com” and “help@example.com”."""
        given = [normalise(each.lstrip("@")) for each in named if each.strip()]
        return cls(
            frozenset(each for each in given if "@" not in each),
            frozenset(each for each in given if "@" in each),
        )

    def has(self, address: str) -> bool:
        return address in self.addresses or domain_of(address) in self.domains

    def wrote_by_machine(self, letter: "Letter") -> bool:
        """Mail through a group address of ours comes from people, whatever its list headers say."""
        through_ours = letter.machine == "list" and self.has(letter.list_address)
        return bool(letter.machine) and not through_ours

    def __str__(self) -> str:
        return ", ".join(sorted((*self.domains, *self.addresses))) or "nobody"


def letter_of(name: str, mail: ReadMail) -> Letter | None:
    """The letter, or None for what has no sender or no date: it can be counted nowhere."""
    if not mail.from_address or mail.date is None:
        return None
    parents = tuple(dict.fromkeys((*mail.in_reply_to, *mail.references)))
    to = [each.address for each in (*mail.to, *mail.cc) if each.address]
    return Letter(
        name=name,
        message_id=mail.message_id or f"<{name}>",
        parents=parents,
        at=mail.date.astimezone(UTC),
        sender=normalise(mail.from_address),
        sender_name=mail.from_name,
        recipients=tuple(dict.fromkeys(normalise(each) for each in to)),
        subject=mail.subject,
        text=mail.reply_text or mail.text,
        machine=mail.automatic or ("spam" if mail.spam else ""),
        list_address=normalise(mail.list_address) if mail.list_address else "",
        names=tuple((normalise(each.address), each.name) for each in (*mail.to, *mail.cc)),
    )


def guessed(letters: Iterable[Letter]) -> Ours:
    """Who “we” are: the domain, or free-mail address, that both writes and is written to most.

    A mailbox holds what its owner sent and received, so whoever is at both ends most is its owner.
    """
    sent: dict[str, int] = {}
    received: dict[str, int] = {}
    for letter in letters:
        if letter.machine:
            continue
        home = _home(letter.sender)
        sent[home] = sent.get(home, 0) + 1
        for other in {_home(each) for each in letter.recipients} - {home}:
            received[other] = received.get(other, 0) + 1
    both = {home: min(count, received.get(home, 0)) for home, count in sent.items()}
    best = max(both, key=lambda home: (both[home], sent[home]), default="")
    return Ours.of([best]) if both.get(best) else Ours.of([])


def _home(address: str) -> str:
    domain = domain_of(address)
    return address if is_free_mail(domain) else domain
