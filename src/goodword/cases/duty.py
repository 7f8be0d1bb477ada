"""Who is on duty answers for what nobody has taken."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from goodword.cases.models import Case
from goodword.cases.models.case import CaseQuerySet
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.staff.models import Member, Team
from goodword.staff.rota import Rota


@transaction.atomic
def put_on_duty(team: Team, member: Member, *, by: Member | str) -> int:
    """Put `member` on duty; cases of the team that nobody has taken pass to them at once.

    Returns how many passed. Refused for somebody who cannot own a case.
    """
    list(Team.objects.select_for_update(of=("self",)).filter(pk=team.pk))
    waiting = Case.objects.filter(team=team, taken_at=None, ended_at=None).exclude(owner=member)
    hold(waiting)
    team.put_on_duty(member, by=by)
    waiting = waiting.order_by("pk")
    for case in waiting:
        case.fall_to(member, by=by)
    return len(waiting)


def hold(cases: CaseQuerySet) -> None:
    """Lock these cases by number until the transaction ends.

    Whoever takes several locks takes them in one order: teams, cases by number, the desk's own
    chain of the journal.
    """
    list(cases.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))


def change_duties() -> int:
    """Let every rota whose turn has ended name who is next; how many did. The tick calls it."""
    return sum(follow_rota(pk, by="clock") for pk in _turns_over(at=now()))


@prepared
def _turns_over(*, at: datetime) -> QuerySet[Any, int]:
    return Team.objects.filter(duty_until__lte=at).values_list("pk", flat=True)


@transaction.atomic
def follow_rota(pk: int, *, by: Member | str) -> bool:
    """Put on duty whom the rota of this team names now, and note when that ends."""
    team = Team.objects.select_for_update(of=("self",)).select_related("duty").get(pk=pk)
    if not team.rota:
        return change(team, {"duty_until__isnull": False}, {"duty_until": None})
    turn = Rota.of(team).turn(now())
    if turn.who is not None and turn.who != team.duty_id:
        put_on_duty(team, Member.objects.get(pk=turn.who), by=by)
    return change(team, {}, {"duty_until": turn.until})
