"""What to know of somebody before one touches anything, in one question to the database.

Notes, dates and merges are three tables that every page of a customer, an account and a case
shows together; the rows come as their models, with only what a page shows of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    F,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.functions import Cast

from goodword.core.prepared import prepared
from goodword.people.models import Account, CriticalDate, Customer, Merge, PinnedNote
from goodword.people.models.dates import today
from goodword.staff.models import Member

MOST_OF_EACH = 40


@dataclass
class Known:
    """The notes that are up, newest first; the dates to come; and who was merged here."""

    notes: list[PinnedNote] = field(default_factory=list)
    dates: list[CriticalDate] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    cases: list[dict[str, Any]] = field(default_factory=list)


def known_of(one: Customer | Account) -> Known:
    firm = one.account_id if isinstance(one, Customer) else None
    more = {} if firm is None else {"firm": firm}
    return known_from(_rows(type(one), *more, one=one.pk, day=today(), **more), one)


def known_from(rows: Iterable[Any], one: Customer | Account) -> Known:
    known = Known()
    read: dict[str, Any] = {"note": _note, "date": _date, "merge": _merge, "case": _case}
    kept: dict[str, list[Any]] = {
        "note": known.notes, "date": known.dates, "merge": known.merges, "case": known.cases,
    }  # fmt: skip
    for row in rows:
        kept[row[0]].append(read[row[0]](*row[1:], one))
    known.notes.sort(key=lambda note: (note.at, note.pk), reverse=True)
    known.dates.sort(key=lambda each: (each.next_on, each.pk))
    known.merges.sort(key=lambda merge: (merge.at, merge.pk), reverse=True)
    return Known(known.notes[:MOST_OF_EACH], known.dates[:MOST_OF_EACH], known.merges, known.cases)


@prepared
def _rows(
    kind: type[Customer | Account], *_more: str, one: int, day: date, firm: int | None = None
) -> QuerySet[Any, Any]:
    who = Account(pk=one) if kind is Account else Customer(pk=one, account_id=firm)
    return rows_of(who, day)


def rows_of(
    one: Customer | Account, day: date, cases: QuerySet[Any] | None = None
) -> QuerySet[Any, Any]:
    """`cases` are those that a page shows beside it, of a room that this one does not know."""
    also = [] if cases is None else [_cases(cases)]
    return _notes(one).union(_dates(one, day), _merges(one), *also, all=True)


def _notes(one: Customer | Account) -> QuerySet[Any, Any]:
    of = Q(customer=one) if isinstance(one, Customer) else Q(account=one)
    rows = PinnedNote.objects.filter(of, taken_down_at=None)
    return _columns(rows, "note", F("text"), _text(""), F("by__name"), F("at"), _no_day(),
                    F("follows_id"), _text(""))  # fmt: skip


def _dates(one: Customer | Account, day: date) -> QuerySet[Any, Any]:
    of = Q(account=one) if isinstance(one, Account) else Q(customer=one)
    if isinstance(one, Customer) and one.account_id:
        of |= Q(account=one.account_id)
    rows = CriticalDate.objects.in_force().filter(of, next_on__gte=day)
    return _columns(rows, "date", F("name"), F("note"), F("repeats"), F("at"), F("next_on"),
                    F("account_id"), F("account__name"))  # fmt: skip


def _merges(one: Customer | Account) -> QuerySet[Any, Any]:
    # Whoever was merged here, and whoever had been merged into those.
    gone, into = ("gone", "into") if isinstance(one, Customer) else ("gone_account", "into_account")
    rows = Merge.objects.filter(**{f"{gone}__merged_into": one.pk}, undone_at=None)
    return _columns(rows, "merge", F(f"{gone}__name"), F(f"{into}__name"), F("by__name"), F("at"),
                    _no_day(), _no_key(), _text(""))  # fmt: skip


def _cases(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return _columns(rows, "case", F("title"), F("reference"), F("state"), F("last_at"), _no_day(),
                    _no_key(), _text(""))  # fmt: skip


def _columns(rows: QuerySet[Any], kind: str, *columns: Any) -> QuerySet[Any, Any]:
    types = (TextField, TextField, TextField, DateTimeField, DateField, IntegerField, TextField)
    named = {
        f"column_{place}": Cast(column, type_())
        for place, (column, type_) in enumerate(zip(columns, types, strict=True))
    }
    plain: Any = rows.order_by()
    found: QuerySet[Any, Any] = plain.values_list(_text(kind), Cast("pk", IntegerField())).annotate(
        **named
    )
    return found


def _text(text: str) -> Value:
    return Value(text, output_field=CharField())


def _no_day() -> Value:
    return Value(None, output_field=DateField())


def _no_key() -> Value:
    return Value(None, output_field=IntegerField())


def _note(
    pk: int, text: str, _more: str, who: str, at: datetime, _day: None, follows: int | None,
    _name: str, one: Customer | Account,
) -> PinnedNote:  # fmt: skip
    return PinnedNote(pk=pk, text=text, by=Member(name=who), at=at, follows_id=follows)


def _date(
    pk: int, name: str, note: str, repeats: str, at: datetime, day: date, account: int | None,
    account_name: str, one: Customer | Account,
) -> CriticalDate:  # fmt: skip
    of = Account(pk=account, name=account_name) if account else None
    return CriticalDate(
        pk=pk, name=name, note=note, repeats=repeats, at=at, next_on=day, account=of
    )


def _merge(
    pk: int, gone: str, into: str, who: str, at: datetime, _day: None, _key: None, _name: str,
    one: Customer | Account,
) -> Merge:  # fmt: skip
    if isinstance(one, Customer):
        pair: dict[str, Any] = {"gone": Customer(name=gone), "into": Customer(name=into)}
    else:
        pair = {"gone_account": Account(name=gone), "into_account": Account(name=into)}
    return Merge(pk=pk, by=Member(name=who), at=at, **pair)


def _case(
    pk: int, title: str, reference: str, state: str, at: datetime, _day: None, _key: None,
    _name: str, one: Customer | Account,
) -> dict[str, Any]:  # fmt: skip
    return {"pk": pk, "title": title, "reference": reference, "state": state, "last_at": at}
