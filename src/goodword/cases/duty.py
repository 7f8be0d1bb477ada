"""Who is on duty answers for what nobody has taken."""

from django.db import transaction

from goodword.cases.models import Case
from goodword.staff.models import Member, Team


@transaction.atomic
def put_on_duty(team: Team, member: Member, *, by: Member | str) -> int:
    """Put `member` on duty; cases of the team that nobody has taken pass to them at once.

    Returns how many passed. Refused for somebody who cannot own a case.
    """
    team.put_on_duty(member, by=by)
    waiting = Case.objects.filter(team=team, taken_at=None, ended_at=None).exclude(owner=member)
    for case in waiting:
        case.fall_to(member, by=by)
    return len(waiting)
