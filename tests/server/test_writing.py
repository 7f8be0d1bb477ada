"""Statements that are made once write what the ORM would."""

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F

from goodword.cases.models import Case, Message, Participant
from goodword.core.compare import change
from goodword.core.time import now
from goodword.core.writing import put
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
