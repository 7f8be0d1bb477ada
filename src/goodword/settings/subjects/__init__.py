"""Whatever has settings, by the name that a change and the file of settings call it."""

from goodword.settings.changing import Subject
from goodword.settings.subjects.accounts import AgreedHours
from goodword.settings.subjects.apps import AppSubject
from goodword.settings.subjects.business import PageOfSettings
from goodword.settings.subjects.chosen import Sources, SpamMarks, Words
from goodword.settings.subjects.home import Home
from goodword.settings.subjects.hours import Hours
from goodword.settings.subjects.mailboxes import MailboxSubject
from goodword.settings.subjects.members import MemberSubject
from goodword.settings.subjects.policies import PolicyInForce, PolicySubject
from goodword.settings.subjects.roles import RoleSubject
from goodword.settings.subjects.rules import Rule
from goodword.settings.subjects.tags import TagSubject
from goodword.settings.subjects.teams import TeamSubject
from goodword.settings.subjects.views import Views
from goodword.staff.settings import PAGES

# The kinds that have many subjects, each with a key after the colon.
KINDS: dict[str, type[Subject]] = {
    each.kind: each
    for each in (
        Hours,
        AgreedHours,
        RoleSubject,
        MemberSubject,
        TeamSubject,
        AppSubject,
        MailboxSubject,
        Rule,
        TagSubject,
        PolicySubject,
        Views,
    )
}
# Those of which there is one, beside the pages of plain settings
SINGLE: dict[str, type[Subject]] = {
    each.kind: each for each in (Words, SpamMarks, Sources, Home, PolicyInForce)
}


def subject_of(name: str) -> Subject:
    """The subject that a change was made to. KeyError for a kind that is no more."""
    kind, _colon, key = name.partition(":")
    if kind in PAGES:
        return PageOfSettings(kind)
    return SINGLE[kind]() if kind in SINGLE else KINDS[kind](key)
