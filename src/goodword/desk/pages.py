"""The ledger as a list: one page after the other, by keyset, and how many stand in each state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from goodword.desk.asked import STATES, Place, Question
from goodword.desk.rows import Row, rows, with_people
from goodword.finding.counting import counted_rows
from goodword.promises.models import Promise, PromiseQuerySet

PER_PAGE = 50
MOST = 1_000  # a thousand are shown as “999+”
# What is still to come is read from its next; what is over from its last.
_SOONEST_FIRST = ("", "broken", "near", "later")


@dataclass(frozen=True)
class StateTab:
    label: str
    count: str
    url: str
    is_chosen: bool


class Pages:
    """The rows of one page of the ledger, and the addresses of those beside it."""

    def __init__(self, question: Question) -> None:
        self.question, self.asked = question, question.asked

    @cached_property
    def rows(self) -> list[Row]:
        return rows(self._found[0], self.question.at)

    @property
    def after(self) -> str:
        """The address of the next page, empty on the last."""
        found, has_more = self._found
        is_back = self.asked.place is not None and self.asked.place.is_before
        return self._beside(found[-1:], False) if has_more or (is_back and found) else ""

    @property
    def before(self) -> str:
        found, has_more = self._found
        place = self.asked.place
        if place is None or (place.is_before and not has_more):
            return ""
        return self._beside(found[:1], True)

    @property
    def first(self) -> str:
        return self.asked.address()

    def _beside(self, edge: Sequence[Promise], is_before: bool) -> str:
        return self.asked.page(Place(edge[0].due, edge[0].pk, is_before)) if edge else ""

    @cached_property
    def _found(self) -> tuple[list[Promise], bool]:
        """The promises in the order of the page, and whether more lie in the way it was turned."""
        place = self.asked.place
        is_back = place is not None and place.is_before
        upwards = (self.asked.state in _SOONEST_FIRST) != is_back
        wanted = self.question.found.order_by(*(("due", "pk") if upwards else ("-due", "-pk")))
        if place is not None:
            wanted = _beyond(wanted, place, upwards)
        found = list(with_people(wanted)[: PER_PAGE + 1])
        shown = found[:PER_PAGE]
        return (shown[::-1] if is_back else shown), len(found) > PER_PAGE

    @cached_property
    def tabs(self) -> list[StateTab]:
        counts = counted_rows({name: self.question.of(name) for name in STATES}, MOST)
        return [
            StateTab(
                str(label),
                f"{MOST - 1}+" if counts[name] >= MOST else str(counts[name]),
                self.asked.address(state=name, place=None),
                name == self.asked.state,
            )
            for name, label in STATES.items()
        ]


def _beyond(wanted: PromiseQuerySet, place: Place, upwards: bool) -> PromiseQuerySet:
    """The first half of the condition is for the index, the second for those due at once."""
    if upwards:
        return wanted.filter(Q(due__gt=place.due) | Q(pk__gt=place.pk), due__gte=place.due)
    return wanted.filter(Q(due__lt=place.due) | Q(pk__lt=place.pk), due__lte=place.due)
