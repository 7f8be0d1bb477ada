"""Whatever has settings, by the name that a change and the file of settings call it."""

from goodword.settings.changing import Subject
from goodword.settings.subjects.business import PageOfSettings
from goodword.settings.subjects.hours import Hours
from goodword.settings.subjects.mailboxes import MailboxSubject
from goodword.settings.subjects.teams import TeamSubject
from goodword.staff.settings import PAGES

# The kinds that have many subjects, each with a key after the colon.
KINDS: dict[str, type[Subject]] = {each.kind: each for each in (Hours, TeamSubject, MailboxSubject)}


def subject_of(name: str) -> Subject:
    """The subject that a change was made to. KeyError for a kind that is no more."""
    kind, _colon, key = name.partition(":")
    return PageOfSettings(kind) if kind in PAGES else KINDS[kind](key)
