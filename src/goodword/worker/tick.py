"""The tick: what time does by itself. It reads what is due by index, and nothing else."""

import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from goodword.cases.climbing import climb, climb_due
from goodword.cases.duty import change_duties
from goodword.cases.mayday import page_due
from goodword.cases.models import Case
from goodword.cases.several import go_on_with_what_is_left
from goodword.cases.snoozing import wake_due
from goodword.cases.sweeping import tell_due
from goodword.core.faults import point
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise

log = logging.getLogger(__name__)

AT_ONCE = 500
# So many break in one transaction: one wait for the disk, and no long hold for who answers.
TOGETHER = 20

Due = tuple[int, int]  # the ids of a promise and of its case


def tick() -> dict[str, int]:
    """Break what is past its due, ask again or lapse where a check-in is due, climb the ladders,
    wake what slept, and end what somebody began on many cases and left.

    Safe in any number of workers and after any kill: each change is a compare-and-set.
    """
    done = {"duties": change_duties()}
    at = now()
    done |= _judge_due(at)
    done["climbed"] = climb_due(at)
    done["paged"] = page_due(at)
    done["woken"] = wake_due(at)
    done["sweeps"] = tell_due(at)
    done["gone on"] = go_on_with_what_is_left(at)
    return {what: count for what, count in done.items() if what}


def _judge_due(at: datetime) -> Counter[str]:
    """What was done to each promise that is past its due, and how often."""
    breaking: list[Due] = []
    asking: list[Due] = []
    for pk, case, kind, made_by in _past_due(at=at):
        # What a policy asks is never broken: it is asked, put off, or lapses.
        asks = kind == Kind.CHECK_IN and made_by is None
        (asking if asks else breaking).append((pk, case))
    done = Counter(broken=0, reminded=0, lapsed=0)
    for n in range(0, len(breaking), TOGETHER):
        done["broken"] += _break_each(breaking[n : n + TOGETHER])
    for _, case in asking:
        with _alone(f"case {case}"):
            done[Case.objects.get(pk=case).check_in()] += 1
    return done


@prepared
def _past_due(*, at: datetime) -> QuerySet[Any, tuple[int, int, str, int | None]]:
    due = Promise.objects.due_before(at).order_by("breaks_at")
    return due.values_list("pk", "case", "kind", "made_by")[:AT_ONCE]


def _break_each(some: Sequence[Due]) -> int:
    """Break them in one transaction; where one of them cannot be judged, each in its own."""
    with _alone(f"one of {len(some)} promises"):
        return _break(some)
    broken = 0
    for one in some:
        with _alone(f"promise {one[0]}"):
            broken += _break([one])
    return broken


@contextmanager
def _alone(what: str) -> Iterator[None]:
    """What cannot be judged keeps no other from it; without a database all of it stops."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("%s could not be judged", what)


def _break(some: Sequence[Due]) -> int:
    """Break what is still due of them, with their cases; how many were."""
    broken = 0
    with Case.held_together({case for _, case in some}) as cases:
        promises = Promise.objects.in_bulk([pk for pk, _ in some])
        for promise in promises.values():
            case = cases.get(promise.case_id)
            broken += case is not None and _break_one(promise, case)
            point("tick.between")
    return broken


def _break_one(promise: Promise, case: Case) -> bool:
    promise.case, at = case, now()
    if not promise.mark_broken(at):
        return False
    climb(case, promise, at)
    if promise.kind not in KEPT_BY_AN_ANSWER and promise.kind != Kind.CHECK_IN:
        case.reopen(by="clock")
    return True
