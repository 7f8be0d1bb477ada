"""The tick: what time does by itself. It reads what is due by index, and nothing else."""

import logging

from django.db import InterfaceError, OperationalError

from goodword.cases.climbing import climb, climb_due
from goodword.cases.duty import change_duties
from goodword.cases.mayday import page_due
from goodword.cases.models import Case
from goodword.cases.several import go_on_with_what_is_left
from goodword.cases.snoozing import wake_due
from goodword.cases.sweeping import tell_due
from goodword.core.faults import point
from goodword.core.time import now
from goodword.promises.kinds import KEPT_BY_AN_ANSWER, Kind
from goodword.promises.models import Promise

log = logging.getLogger(__name__)

AT_ONCE = 500


def tick() -> dict[str, int]:
    """Break what is past its due, ask again or lapse where a check-in is due, climb the ladders,
    wake what slept, and end what somebody began on many cases and left.

    Safe in any number of workers and after any kill: each change is a compare-and-set.
    """
    done = {"broken": 0, "reminded": 0, "lapsed": 0, "": 0, "duties": change_duties()}
    at = now()
    due = Promise.objects.due_before(at).order_by("breaks_at")
    for pk, kind, made_by in due.values_list("pk", "kind", "made_by")[:AT_ONCE]:
        try:
            done[_judge(pk, asks=kind == Kind.CHECK_IN and made_by is None)] += 1
            point("tick.between")
        except (OperationalError, InterfaceError):
            raise
        except Exception:
            # One promise that cannot be judged must not keep the others from it.
            log.exception("promise %s could not be judged", pk)
    done["climbed"] = climb_due(at)
    done["paged"] = page_due(at)
    done["woken"] = wake_due(at)
    done["sweeps"] = tell_due(at)
    done["gone on"] = go_on_with_what_is_left(at)
    return {what: count for what, count in done.items() if what}


def _judge(pk: int, *, asks: bool) -> str:
    if asks:
        # What a policy asks is never broken: it is asked, put off, or lapses.
        return Case.objects.get(promises=pk).check_in()
    return "broken" if _break(pk) else ""


def _break(pk: int) -> int:
    """One promise and its case in one transaction; 0 where somebody was there before us."""
    promise = Promise.objects.select_related("case").get(pk=pk)
    with promise.case.held() as case:
        at = now()
        if not promise.mark_broken(at):
            return 0
        climb(case, promise, at)
        if promise.kind not in KEPT_BY_AN_ANSWER and promise.kind != Kind.CHECK_IN:
            case.reopen(by="clock")
    return 1
