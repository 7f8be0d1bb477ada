"""Ways back from taking, offering and giving away a case, while nobody went on from there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.staff.models import Member, Team

if TYPE_CHECKING:
    from goodword.cases.models.case import Case


class WentOn(Refused):
    """Somebody did something with it since, so that undoing would take that from them."""

    def __init__(self) -> None:
        super().__init__("WENT_ON", _("Somebody went on with it since, so it stays as it is."))


def give_back(
    case: Case, *, by: Member, taken_at: datetime, owner: Member, promises: Sequence[int]
) -> None:
    """Nobody has taken it, as before `by` took it at that instant; `owner` answers for it."""
    with case.held() as held:
        was = {"owner": by, "taken_at": taken_at}
        heir = _still_here(owner, held.team)
        if not change(held, was, {"owner": heir, "taken_at": None}):
            raise WentOn
        _hand_back(held, by, heir, promises, by=by)
        record(held, "given_back", by=by, facts={"from_": by.pk, "to": heir.pk})


def withdraw_offer(case: Case, to: Member, *, by: Member) -> None:
    """Nobody is asked to take it any more."""
    with case.held() as held:
        if not change(held, {"handing_to": to}, {"handing_to": None}):
            raise WentOn
        record(held, "offer_withdrawn", by=by, facts={"to": to.pk})


def take_back_to_team(
    case: Case,
    *,
    by: Member,
    given_to: Team,
    team: Team,
    owner: Member,
    taken_at: datetime | None,
    promises: Sequence[int],
) -> None:
    """The former team has it again, and whoever had it there."""
    with case.held() as held:
        holder, heir = held.owner, _still_here(owner, team)
        was = {"team": given_to, "taken_at": None, "handing_to": None}
        if not change(held, was, {"team": team, "owner": heir, "taken_at": taken_at}):
            raise WentOn
        _hand_back(held, holder, heir, promises, by=by)
        record(held, "team_changed", by=by, facts={"from_": given_to.pk, "to": team.pk})


def _still_here(owner: Member, team: Team) -> Member:
    return owner if owner.is_active and not owner.is_contractor else team.duty


def _hand_back(
    case: Case, holder: Member, heir: Member, promises: Sequence[int], *, by: Member
) -> None:
    for promise in case.promises.outstanding().filter(pk__in=promises, owner=holder):
        promise.hand_to(heir, by=by)
