"""The ledger as a file: a line a promise, with its arithmetic, as it is read from the database.

Whatever its size, no more than a few hundred promises are in memory, and no question to the
database stays open while a slow reader takes them.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from goodword.promises.arithmetic import Arithmetic, in_utc
from goodword.promises.models import Promise, PromiseQuerySet
from goodword.promises.pausing import Pause

AT_ONCE = 500
# The names of the columns are English and fixed: programs read them (docs/using/promises.md).
COLUMNS = (
    "promise",
    "case",
    "customer",
    "account",
    "kind",
    "text",
    "owner",
    "given_by",
    "policy",
    "form",
    "schedule",
    "schedule_version",
    "zone",
    "made_at",
    "opens",
    "due",
    "open_minutes",
    "pauses",
    "holidays",
    "original_due",
    "moves",
    "moved_from",
    "state",
    "kept_at",
    "evidence",
    "broken_at",
    "breaks_at",
    "waits",
    "overrun_open_minutes",
    "forewarned_at",
    "ended_at",
    "reason",
)


class Line(NamedTuple):
    """A promise, and when its clock stood still."""

    promise: Promise
    waits: list[Pause]


def in_order(found: PromiseQuerySet) -> Iterator[Line]:
    """Every promise by its due; two short questions for each few hundred."""
    people = ("case", "customer__account", "owner", "made_by", "schedule", "policy")
    wanted = found.select_related(*people).order_by("due", "pk")
    rows = list(wanted[:AT_ONCE])
    while rows:
        yield from _with_waits(rows)
        if len(rows) < AT_ONCE:
            return
        due, pk = rows[-1].due, rows[-1].pk
        beyond = wanted.filter(Q(due__gt=due) | Q(pk__gt=pk), due__gte=due)
        rows = list(beyond[:AT_ONCE])


def _with_waits(rows: list[Promise]) -> Iterator[Line]:
    """Not prefetched: promises that know their pauses, which know them, stay in memory longer."""
    waits = defaultdict(list)
    for pause in Pause.objects.filter(promise__in=rows).order_by("began_at"):
        waits[pause.promise_id].append(pause)
    for promise in rows:
        yield Line(promise, waits[promise.pk])


def values_of(line: Line, at: datetime) -> dict[str, Any]:
    """One promise under the names of COLUMNS, as JSON values; times in UTC."""
    promise = line.promise
    reckoned = Arithmetic(promise, at)
    account = promise.customer.account
    return {
        "promise": promise.pk,
        "case": promise.case.reference,
        "customer": promise.customer.name,
        "account": account.name if account else "",
        "kind": promise.kind,
        "text": promise.text,
        "owner": promise.owner.name,
        "given_by": promise.made_by.name if promise.made_by else "",
        "policy": _policy(promise),
        "form": promise.form,
        "schedule": promise.schedule.name,
        "schedule_version": promise.schedule.version,
        "zone": promise.zone,
        "made_at": in_utc(promise.made_at),
        "opens": in_utc(promise.opens),
        "due": in_utc(promise.due),
        "open_minutes": reckoned.open_minutes,
        "pauses": reckoned.pauses,
        "holidays": reckoned.holidays,
        "original_due": in_utc(promise.original_due),
        "moves": promise.moves,
        "moved_from": promise.moved_from_id,
        "state": promise.state,
        "kept_at": in_utc(promise.kept_at),
        "evidence": _evidence(promise),
        "broken_at": in_utc(promise.broken_at),
        "breaks_at": in_utc(promise.breaks_at),
        "waits": [
            {"from": in_utc(each.began_at), "to": in_utc(each.ended_at), "minutes": each.minutes}
            for each in line.waits
        ],
        "overrun_open_minutes": reckoned.overrun_minutes,
        "forewarned_at": in_utc(promise.forewarned_at),
        "ended_at": in_utc(promise.ended_at),
        "reason": promise.reason,
    }


def _policy(promise: Promise) -> str:
    """Which version made it; “usual” where it is older than any, “” where a member gave it."""
    if promise.made_by is not None:
        return ""
    return f"{promise.policy.slug} {promise.policy.version}" if promise.policy else "usual"


def _evidence(promise: Promise) -> str:
    """What kept it: a line that somebody wrote, or which message; never what was said in it."""
    return promise.evidence or (f"message {promise.kept_by_id}" if promise.kept_by_id else "")


def as_cells(lines: Iterable[Line], at: datetime) -> Iterator[list[object]]:
    """Rows of a sheet under COLUMNS."""
    for line in lines:
        row = values_of(line, at)
        row["pauses"] = "; ".join(
            f"{each['from']}/{each['to']} {each['reason']}" for each in row["pauses"]
        )
        row["waits"] = "; ".join(
            f"{each['from']}/{each['to']} {each['minutes'] or ''}".strip() for each in row["waits"]
        )
        row["holidays"] = "; ".join(f"{each['date']} {each['name']}" for each in row["holidays"])
        yield [row[name] for name in COLUMNS]


def as_json(lines: Iterable[Line], at: datetime) -> Iterator[str]:
    """One JSON object: the promises, then every version of opening hours that they went by."""
    schedules: dict[str, Any] = {}
    yield f'{{"taken_out_at": {json.dumps(in_utc(at))}, "promises": ['
    before = "\n"
    for line in lines:
        schedule = line.promise.schedule
        schedules.setdefault(f"{schedule.name} {schedule.version}", schedule.content)
        yield before + json.dumps(values_of(line, at), ensure_ascii=False)
        before = ",\n"
    yield f'\n], "schedules": {json.dumps(schedules, ensure_ascii=False)}}}\n'
