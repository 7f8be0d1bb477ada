"""A case that begins with a mail, in one, is what `open` and `hear` leave, to the last column."""

from typing import Any

import pytest
from django.db import transaction

from goodword.cases.models import Case, Message
from goodword.core.time import clock
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.staff.models import Business
from tests.cast import Desk, london

WORDS = "The printer by the window stopped.\n\nIt says that it has no paper."
DETAILS: dict[str, dict[str, Any]] = {
    "a mail": {},
    "old mail": {"opens_clocks": False},
    "with a header": {"fields": {"subject": "Fax", "from_address": "ellen@whitcombe.example"}},
    "a stranger": {"is_confirmed": False},
}
# Which row it is, when it was written, and what is left to chance.
OWN = {"id", "reference", "salt", "hash", "previous", "digests", "chain", "joined_at", "facts"}


def columns(row: Any, own: dict[int, str]) -> dict[str, Any]:
    found = {}
    for field in row._meta.concrete_fields:
        value = getattr(row, field.attname)
        if field.attname not in OWN:
            found[field.attname] = own.get(value, value) if field.name == "case" else value
    return found


def whole(case: Case) -> dict[str, Any]:
    """All rows of a case, without which rows they are."""
    fresh = Case.objects.get(pk=case.pk)
    own = {case.pk: "the case"}
    facts = [
        {name: value for name, value in entry.facts.items() if name not in ("message", "promise")}
        for entry in fresh.entries.order_by("id")
    ]
    rows = {
        name: [columns(row, own) for row in getattr(fresh, name).order_by("id")]
        for name in ("participants", "messages", "promises", "entries")
    }
    return {"case": columns(fresh, own), "facts": facts, **rows}


@pytest.mark.django_db
@pytest.mark.parametrize("preset", ["plain", "housing-ombudsman"])
@pytest.mark.parametrize("at", ["2026-11-19 12:00", "2026-11-21 23:30"])
@pytest.mark.parametrize("details", DETAILS.values(), ids=DETAILS)
def test_it_is_what_open_and_hear_leave(
    desk: Desk, details: dict[str, Any], at: str, preset: str
) -> None:
    Business.objects.update(policy=preset)
    clock.fix(london(at))
    title: dict[str, Any] = {
        "title": "Fax  machine\n is out", "team": desk.support, "at": clock.now(),
    }  # fmt: skip
    with transaction.atomic():
        long = Case.open(desk.ellen, by=desk.ellen, **title)
        long.hear(desk.ellen, WORDS, at=clock.now(), **details)
        short, message = Case.begun(desk.ellen, WORDS, **title, **details)
    assert message == Message.objects.get(case=short)
    assert whole(short) == whole(long)
    assert short.reference == f"{desk.business.prefix}-{short.pk}"
    fresh = Case.objects.get(pk=short.pk)
    for field in Case._meta.concrete_fields:
        assert getattr(short, field.attname) == getattr(fresh, field.attname), field.name
    assert not short.is_new
    assert not list(damage())


@pytest.mark.django_db
def test_what_comes_after_sees_all_of_it(desk: Desk) -> None:
    case, _message = Case.begun(desk.ellen, WORDS, title="Fax", team=desk.support, at=clock.now())
    case.hear(desk.ellen, "And the light blinks.")
    case.take(by=desk.priya)
    case.reply(by=desk.priya, text="We come at noon.", then="wait", question="Is noon well?")
    kinds = list(Entry.objects.filter(case=case).order_by("seq").values_list("kind", flat=True))
    assert kinds[:2] == ["case_opened", "received"]
    assert case.promises.filter(kind="acknowledge").count() == 1
    assert not list(damage())
