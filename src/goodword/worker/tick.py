"""The tick: what time does by itself. It reads what is due by index, and nothing else."""

import logging

from django.db import transaction

from goodword.cases.models import Case
from goodword.core.time import now
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind, State
from goodword.promises.models import Promise

log = logging.getLogger(__name__)

AT_ONCE = 500


def tick() -> dict[str, int]:
    """Break what is past its due, and ask again or lapse where a check-in is due.

    Safe in any number of workers and after any kill: each change is a compare-and-set.
    """
    done = {"broken": 0, "reminded": 0, "lapsed": 0}
    at = now()
    due = Promise.objects.due_before(at).order_by("due")
    for pk, kind, made_by in due.values_list("pk", "kind", "made_by")[:AT_ONCE]:
        if kind == Kind.CHECK_IN and made_by is None:
            what = _check_in(pk)
            if what:
                done[what] += 1
                continue
        done["broken"] += _break(pk)
    return done


def _check_in(pk: int) -> str:
    case = Case.objects.get(promises=pk)
    return case.check_in()


@transaction.atomic
def _break(pk: int) -> int:
    """One promise and its case in one transaction; 0 where somebody was there before us."""
    promise = Promise.objects.select_related("case").get(pk=pk)
    promise.case = promise.case.locked()
    promise.refresh_from_db(fields=["state", "due"])
    if promise.state != State.OPEN or not promise.mark_broken(now()):
        return 0
    if promise.kind not in KEPT_BY_AN_ANSWER and promise.kind != Kind.CHECK_IN:
        promise.case.reopen(by="clock")
    promise.case.reckon()
    return 1
