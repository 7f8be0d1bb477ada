"""What a member was told, grouped by case, the newest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from goodword.cases.access import visible_cases
from goodword.cases.models import Case
from goodword.core.time import now
from goodword.notifying.models import Notification
from goodword.notifying.models.notification import NotificationQuerySet
from goodword.staff.models import Member

MOST = 100
# A toast is for what happens now; what is older stands in the list.
JUST_NOW = timedelta(minutes=5)
MOST_TOASTS = 3


@dataclass
class Group:
    """What was told of one case, or of the desk itself."""

    case: Case | None
    rows: list[Notification] = field(default_factory=list)

    @property
    def unseen(self) -> int:
        return sum(row.seen_at is None for row in self.rows)


class News:
    """One member's list. What they may see no longer is not in it."""

    def __init__(self, member: Member, *, everything: bool) -> None:
        self.member, self.everything = member, everything

    @cached_property
    def rows(self) -> list[Notification]:
        rows = told(self.member) if self.everything else told(self.member).unseen()
        found = list(rows[:MOST])
        wanted = {row.case_id for row in found if row.case_id}
        seen = visible_cases(self.member).filter(pk__in=wanted).values_list("pk", flat=True)
        visible = {None, *(seen if wanted else ())}
        return [row for row in found if row.case_id in visible]

    @cached_property
    def groups(self) -> list[Group]:
        found: dict[int, Group] = {}
        for row in self.rows:
            found.setdefault(row.case_id or 0, Group(row.case)).rows.append(row)
        return list(found.values())

    @property
    def unseen(self) -> int:
        return sum(group.unseen for group in self.groups)


def told(member: Member) -> NotificationQuerySet:
    people = ("case__customer", "entry__member", "entry__customer")
    return Notification.objects.of(member).select_related(*people).order_by("-pk")


def urgent_since(member: Member, after: int, at: datetime | None = None) -> list[Notification]:
    """What has to be said on whatever page is open, the newest few."""
    fresh = told(member).unseen().filter(pk__gt=after, made_at__gt=(at or now()) - JUST_NOW)
    return [row for row in fresh[:MOST] if row.is_urgent][:MOST_TOASTS]
