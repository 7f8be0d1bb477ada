"""Statements that are made once write what the ORM would."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from goodword.cases.models import Case, Message, OutgoingMessage, Participant
from goodword.channels.mail.models import ThreadId
from goodword.core.compare import change
from goodword.core.statements import instant_of
from goodword.core.time import clock, now
from goodword.core.writing import new, put
from goodword.journal.models import Entry
from goodword.promises.models import Promise
from goodword.staff.models import Member
from tests.cast import Desk


def test_a_row_that_is_put_is_the_row_that_save_would_write(desk: Desk) -> None:
    case = desk.heard(text="One")
    said = {"case": case, "direction": "in", "channel": "mail", "customer": case.customer,
            "at": now(), "text": "100 % “sure”", "asks": True, "salt": "x" * 16}  # fmt: skip
    ours, theirs = put(Message(**said)), Message.objects.create(**said)
    fields = [each.attname for each in Message._meta.concrete_fields if not each.primary_key]
    ours, theirs = Message.objects.get(pk=ours.pk), Message.objects.get(pk=theirs.pk)
    assert [getattr(ours, f) for f in fields] == [getattr(theirs, f) for f in fields]
    assert ours.pk == theirs.pk - 1


def test_what_is_put_twice_stays_or_is_set_as_it_was_asked(desk: Desk) -> None:
    case = desk.heard(text="One")
    there = Participant.objects.get(case=case)
    again = Participant(case=case, customer=case.customer, role="copy")
    assert put(again, unique=("case", "customer")).pk is None
    there.refresh_from_db()
    assert there.role == "customer"
    put(again, unique=("case", "customer"), sets=("role",))
    there.refresh_from_db()
    assert there.role == "copy"
    with pytest.raises(IntegrityError), transaction.atomic():
        put(Participant(case=case, customer=case.customer, role="copy"))


def test_a_change_takes_effect_only_where_the_row_is_as_it_was(desk: Desk) -> None:
    case, anna = desk.heard(text="One"), Member.objects.order_by("pk")[0]
    assert change(case, {"handing_to": None}, {"handing_to": anna, "title": "100 % new"})
    assert not change(case, {"handing_to": None}, {"title": "Newer"})
    assert change(case, {"handing_to": anna, "title": "100 % new"}, {"handing_to": None})
    assert not change(case, {"state__in": ["settled"]}, {"title": "Newer"})
    assert change(case, {}, {"check_ins": F("check_ins") + 1})
    at = now()
    assert change(case, {}, {"asked_at": at})
    assert change(case, {"asked_at": at}, {"asked_at": None})
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.title, fresh.check_ins, fresh.handing_to, fresh.asked_at) == (
        "100 % new", 1, None, None)  # fmt: skip


def test_a_failed_statement_is_no_half_of_a_transaction(desk: Desk) -> None:
    case = desk.heard(text="One")
    with pytest.raises(IntegrityError), transaction.atomic():
        change(case, {}, {"title": None})
    assert Case.objects.get(pk=case.pk).title == "One"


MADE: dict[Any, dict[str, Any]] = {
    Entry: {"chain": "desk", "seq": 1, "kind": "noted", "facts": {"a": 1}},
    Participant: {"role": "copy"},
    Promise: {"text": "Words", "made_by": None, "moved_from": None, "due": None},
    Message: {"text": "Words", "salt": "x" * 16, "member": None},
    OutgoingMessage: {"role": "to", "due_at": None},
    ThreadId: {"header_id": "<a@b>", "is_here": True},
    Case: {"title": "Fax"},
}


@pytest.mark.parametrize("model", MADE, ids=lambda model: model.__name__)
def test_a_row_that_is_made_the_short_way_is_the_one_that_django_makes(
    desk: Desk, model: Any
) -> None:
    case = desk.heard(text="One")
    relations = {"case": case, "customer": case.customer, "owner": case.owner, "team": case.team}
    names = {field.name for field in model._meta.concrete_fields}
    said = {name: value for name, value in relations.items() if name in names} | MADE[model]
    clock.fix(now())
    ours, theirs = new(model, **said), model(**said)
    by_chance = {"salt"} & names - said.keys()
    for field in model._meta.concrete_fields:
        if field.name not in by_chance:
            mine, django = getattr(ours, field.attname), getattr(theirs, field.attname)
            assert (mine, type(mine)) == (django, type(django)), field.name
    assert ours._state.fields_cache == theirs._state.fields_cache
    assert ours._state.adding
    assert ours.__dict__.keys() == theirs.__dict__.keys()
    for name in by_chance:
        assert len({getattr(each, name) for each in (ours, theirs, new(model, **said))}) == 3
    with pytest.raises(TypeError):
        new(model, nothing_of_this_name=1)


def test_an_instant_is_given_as_django_gives_it() -> None:
    for text in ("2026-11-22 09:05:07.000010", "2026-11-22 09:05:07", "0999-01-02 00:00:00.5"):
        for zone in (UTC, ZoneInfo("UTC"), ZoneInfo("Asia/Kolkata")):
            at = datetime.fromisoformat(text).replace(tzinfo=zone)
            django = connection.ops.adapt_datetimefield_value(at)
            assert instant_of(connection, at) == django
