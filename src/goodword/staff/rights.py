"""What a role may do: a fixed list of rights, a sentence each, and the roles that are built in.

No right stands outside the clock (R06): a promise runs for whoever gave it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

from goodword.core.refusals import Refused

if TYPE_CHECKING:
    from goodword.staff.models import Member


class Right(models.TextChoices):
    """A right, and the sentence that a screen shows for it."""

    SEE_TEAM = "see_team", _("Sees the cases of their teams, and leaves notes in them.")
    SEE_ALL = "see_all", _("Sees the cases of every team.")
    ANSWER = "answer", _("Answers customers, and gives our word.")
    OWN = "own", _("Owns cases and promises, and may be on duty.")
    HAND_OVER = "hand_over", _("Hands cases to others and to other teams.")
    SET_ASIDE = "set_aside", _("Puts cases to rest, and sets aside what is no customer’s.")
    LEAD = "lead", _("Leads a team: decides who joins a case, and takes over from who leaves.")
    SIGN = "sign", _("Signs for the business: notices to many, and a third time for a promise.")
    OPERATE = "operate", _("Runs the desk: mailboxes, queues, the journal.")
    SETTINGS = "settings", _("Changes the settings of the business.")
    MEMBERS = "members", _("Invites members, gives them roles and teams, ends their access.")
    EXPORT = "export", _("Takes data out of the desk.")


_AGENT = frozenset({Right.SEE_TEAM, Right.ANSWER, Right.OWN, Right.HAND_OVER, Right.SET_ASIDE})
_RUNS = frozenset({Right.OPERATE, Right.SETTINGS, Right.MEMBERS, Right.EXPORT})


@dataclass(frozen=True)
class BuiltIn:
    """A role that every desk has. It follows the code, so that a later right reaches it."""

    name: str | LazyText
    about: str | LazyText
    rights: frozenset[Right]


BUILT_IN = {
    "agent": BuiltIn(_("Agent"), _("Answers the customers of their teams."), _AGENT),
    "lead": BuiltIn(
        _("Lead"), _("An agent who answers for a team as well."), _AGENT | {Right.LEAD}
    ),
    "leader": BuiltIn(_("Leader"), _("Answers for the whole business."), frozenset(Right)),
    "operator": BuiltIn(_("Operator"), _("An agent who runs the desk."), _AGENT | _RUNS),
    "light": BuiltIn(
        _("Light member"),
        _("Looks in: reads, notes and mentions. Owns nothing, answers and promises nothing."),
        frozenset({Right.SEE_TEAM}),
    ),
}


def must(by: object, right: Right) -> None:
    """Refused (403) where `by` is a member whose role has not this right."""
    from goodword.staff.models import Member

    if isinstance(by, Member) and not by.has(right):
        raise Refused("NOT_YOUR_RIGHT", lacking(by, right), 403)


def lacking(member: Member, right: Right) -> str:
    sentence = _("Your role, %(role)s, does not have this right: “%(right)s”")
    return str(sentence % {"role": member.role.title, "right": right.label})


def known(rights: Iterable[str]) -> frozenset[Right]:
    """The rights of these names; a name that this version does not know gives nothing."""
    return frozenset(Right(each) for each in rights if each in Right.values)
