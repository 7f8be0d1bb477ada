"""Closing the day by name (R04): only when everybody has heard, or somebody decided otherwise."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from goodword.cases.models import Case, DayException, TeamDay
from goodword.cases.sweeping import Sweep, day_row
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member, Team
from goodword.staff.rights import Right, must

LONGEST_REASON = 300


@transaction.atomic
def close_day(team: Team, *, by: Member) -> bool:
    """Close the day of this team, under the name of `by`; False where it is closed already.

    Refused (409) before its sweep has begun, and while somebody waits for a word from us.
    """
    must(by, Right.ANSWER)
    sweep, row = _held(team)
    if row.is_closed:
        return False
    _must_have_heard(sweep)
    change(row, {"closed_at": None}, {"closed_at": now(), "closed_by": by})
    facts = {
        "team": team.pk,
        "day": row.date.isoformat(),
        "exceptions": [each.pk for _case, each in sweep.excepted],
    }
    record(None, "day_closed", by=by, facts=facts)
    return True


@transaction.atomic
def open_day_again(team: Team, *, by: Member) -> bool:
    """The day goes on; False where it was not closed. What was decided for it stands."""
    must(by, Right.ANSWER)
    _sweep, row = _held(team)
    if not change(row, {"closed_at__isnull": False}, {"closed_at": None, "closed_by": None}):
        return False
    record(None, "day_opened_again", by=by, facts={"team": team.pk, "day": row.date.isoformat()})
    return True


@transaction.atomic
def leave_for_later(
    case: Case, *, by: Member, decided_by: Member | None, reason: str
) -> DayException:
    """An exception, by name and with its reason. The case stays ours, and its clocks run on.

    Refused without a name or a reason, and for a case whose customer has their answer.
    """
    must(by, Right.ANSWER)
    reason = " ".join(reason.split())
    _sweep, row = _held(case.team)
    with case.held() as held:
        if held.team_id != row.team_id:
            sentence = _("%(case)s went to another team a moment ago; it is on their list now.")
            raise Refused("NOT_YOURS", sentence % {"case": held.reference})
        if held.unanswered_since is None:
            sentence = _("%(name)s has heard from us by now, so nothing is left to decide.")
            raise Refused("ANSWERED", sentence % {"name": held.customer.name})
        _must_be_named(decided_by, reason)
        assert decided_by is not None
        newest = held.newest_message_id()
        if there := row.exceptions.standing().filter(case=held).first():
            if there.newest_message == newest and there.reason == reason[:LONGEST_REASON]:
                return there
            change(there, {"ended_at": None}, {"ended_at": now()})
        made = DayException.objects.create(
            day=row, case=held, decided_by=decided_by, written_by=by,
            reason=reason[:LONGEST_REASON], newest_message=newest, at=now(),
        )  # fmt: skip
        facts = {"exception": made.pk, "member": decided_by.pk, "day": row.date.isoformat()}
        record(held, "day_excepted", by=by, words=made, facts=facts)
    return made


def end_exception(exception: DayException, *, by: Member) -> bool:
    """They are to hear from us today after all; False where it ended before."""
    must(by, Right.ANSWER)
    with exception.case.held(merged=True) as held:
        if not change(exception, {"ended_at": None}, {"ended_at": now()}):
            return False
        record(held, "exception_ended", by=by, facts={"exception": exception.pk})
    return True


def _held(team: Team) -> tuple[Sweep, TeamDay]:
    """The day as it is now, locked. Refused where there is none to close, or not yet."""
    team = Team.objects.select_for_update(of=("self",)).select_related("schedule").get(pk=team.pk)
    sweep = Sweep(team, now())
    if sweep.day is None:
        sentence = _("The hours of %(team)s have no closing time, so there is no day to close.")
        raise Refused("NO_CLOSING", sentence % {"team": team.name})
    if not sweep.is_open:
        from goodword.core.templatetags.goodword import clocktime

        sentence = _("It is too early: the day of %(team)s can be closed from %(when)s on.")
        facts = {"team": team.name, "when": clocktime(sweep.day.sweep_from)}
        raise Refused("NOT_YET", sentence % facts)
    row = day_row(sweep)
    sweep.row = row
    return sweep, row


def _must_have_heard(sweep: Sweep) -> None:
    if not sweep.waiting:
        return
    n = len({case.customer_id for case in sweep.waiting})
    sentence = ngettext(
        "%(n)s customer has heard nothing from us. Send them a line, or say who decided "
        "that it waits, and why.",
        "%(n)s customers have heard nothing from us. Send each a line, or say who decided "
        "that it waits, and why.",
        n,
    )
    raise Refused("unanswered_customer", sentence % {"n": n})


def _must_be_named(decided_by: Member | None, reason: str) -> None:
    if decided_by is None or not decided_by.is_active:
        raise Refused("NO_NAME", _("Say who decided this: choose a name."), 422)
    if decided_by.is_light:
        sentence = _("%(name)s answers no customers, so they cannot decide this. Choose another.")
        raise Refused("NO_NAME", sentence % {"name": decided_by.name}, 422)
    if not reason:
        raise Refused("NO_REASON", _("Say in a line why it may wait."), 422)
