"""A question that is put into SQL once finds what it would have found, for each who asks."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.db.backends.sqlite3.operations import DatabaseOperations
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.cases.models import Case
from goodword.core import prepared as module
from goodword.core import rows
from goodword.core.prepared import prepared
from goodword.core.time import now
from goodword.promises.models import Promise

pytestmark = pytest.mark.django_db


@prepared
def called(*, title: str, at) -> QuerySet[Case]:
    return Case.objects.filter(title=title, opened_at__lte=at).select_related("customer", "team")


@prepared
def among(*, cases) -> QuerySet[Case]:
    return Case.objects.filter(pk__in=cases).order_by("pk")


@prepared
def at_most(most, *, case: int) -> QuerySet[Promise]:
    return Promise.objects.filter(case=case).order_by("pk")[:most]


@pytest.fixture
def three(desk):
    return [desk.heard(title=word) for word in ("One", "Two", "Three")]


def test_each_who_asks_gets_their_own_rows(three):
    one, two, _three = three
    for case in (one, two, one):
        [found] = called(title=case.title, at=now())
        assert (found.pk, found.customer.name) == (case.pk, case.customer.name)
    assert called(title="Two", at=now() - timedelta(days=9)) == []


def test_what_was_written_meanwhile_is_found(three):
    case = three[0]
    Case.objects.filter(pk=case.pk).update(title="Another")
    assert called(title="One", at=now()) == []
    assert called(title="Another", at=now())[0].title == "Another"


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_list_may_be_of_any_length(three, number):
    wanted = [case.pk for case in three[:number]]
    assert [case.pk for case in among(cases=wanted)] == wanted


def test_what_decides_how_it_looks_is_part_of_its_name(three):
    whole = at_most(9, case=three[0].pk)
    assert len(whole) > 1
    assert at_most(1, case=three[0].pk) == whole[:1]


def test_a_question_that_reckons_with_a_value_is_asked_as_ever(three):
    @prepared
    def before(*, at):
        return Case.objects.filter(opened_at__lt=at + timedelta(hours=1)).order_by("pk")

    first, _second, third = (case.pk for case in three)
    assert {first, third} <= {case.pk for case in before(at=now())}
    assert {case.pk for case in before(at=now() - timedelta(days=30))} == set()
    [name] = [name for name in module.unprepared if name.endswith("before")]
    module.unprepared.discard(name)


def test_a_value_that_may_be_none_is_refused(three):
    with pytest.raises(TypeError):
        called(title=None, at=now())


def test_it_asks_once_and_as_django_does(three):
    called(title="One", at=now())
    with CaptureQueriesContext(connection) as asked:
        called(title="Two", at=now())
    plain = Case.objects.filter(title="Two", opened_at__lte=now())
    assert len(asked) == 1
    assert str(plain.query).partition(" WHERE ")[0].split(" FROM ")[1] in asked[0]["sql"]


def test_every_question_of_the_pages_is_prepared(desk, three):
    module.unprepared.clear()
    case = three[0]
    paths = ["/today/", "/promises/", f"/cases/{case.pk}/", f"/customers/{case.customer_id}/"]
    paths += [
        f"/inbox/?tab={tab}" for tab in ("ours", "settled", "snoozed", "watching", "mentions")
    ]
    paths += ["/inbox/?sort=silence&filter=mine&team=support&tag=fax", "/inbox/?filter=nobody"]
    for member in (desk.priya, desk.jonas):
        client = Client()
        client.force_login(member)
        for path in paths:
            assert client.get(path).status_code == 200, path
    assert not module.unprepared


def test_a_row_put_in_place_is_what_django_makes_of_it():
    plain = 0
    for model in apps.get_models():
        names = [field.attname for field in model._meta.concrete_fields]
        if rows._is_plain(model, names):
            quick = rows._filled(model, names, list(range(len(names))), "default")
            slow = model.from_db("default", names, list(range(len(names))))
            state, slow_state = vars(quick).pop("_state"), vars(slow).pop("_state")
            assert list(vars(quick).items()) == list(vars(slow).items()), model
            assert (state.adding, state.db) == (slow_state.adding, slow_state.db), model
            plain += 1
    assert plain > 50


@pytest.mark.parametrize(
    "value",
    [
        None,
        datetime.fromisoformat("2026-02-03T04:05"),
        datetime(2026, 2, 3, tzinfo=UTC),
        "2026-02-03 04:05:06.7",
    ],
)
def test_an_instant_is_read_as_django_reads_it(value):
    class Connection:
        ops, timezone = DatabaseOperations(None), UTC

    Connection.ops.connection = Connection
    slow = Connection.ops.convert_datetimefield_value(value, None, Connection)
    assert repr(rows._instant(value, None, Connection)) == repr(slow)


@pytest.mark.parametrize("value", [None, True, False, 0, 1, 7])
def test_a_yes_or_no_is_read_as_django_reads_it(value):
    class Connection:
        ops = DatabaseOperations(None)

    slow = Connection.ops.convert_booleanfield_value(value, None, Connection)
    assert repr(rows._yes_or_no(value, None, Connection)) == repr(slow)
