"""What SQLite has parsed stays parsed, and nothing else changes by that."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import F, QuerySet
from django.db.utils import load_backend
from django.test.utils import CaptureQueriesContext

from goodword.cases.models import Case, Participant
from goodword.config.settings import database
from goodword.core import statistics
from goodword.core.compare import change
from goodword.core.prepared import prepared
from goodword.core.sqlite3.base import DatabaseWrapper
from goodword.core.time import now
from goodword.core.writing import put
from tests.cast import Desk


@pytest.fixture
def of_its_own(tmp_path: Path, django_db_blocker: Any) -> Iterator[DatabaseWrapper]:
    """An empty database with one table, under a name by which `atomic` knows it."""
    settings = {**connections["default"].settings_dict, **database("", tmp_path)}
    made = load_backend("goodword.core.sqlite3").DatabaseWrapper(settings, "default")
    kept, connections["default"] = connections["default"], made
    with django_db_blocker.unblock():
        made.cursor().execute("CREATE TABLE said (word TEXT)")
        yield made
        made.close()
    connections["default"] = kept


def say(word: str) -> None:
    connections["default"].cursor().execute("INSERT INTO said VALUES (%s)", [word])


def said(made: DatabaseWrapper) -> list[str]:
    return [row[0] for row in made.cursor().execute("SELECT word FROM said ORDER BY rowid")]


class Slip(Exception):
    pass


def slip(*words: str) -> None:
    with transaction.atomic():
        for word in words:
            say(word)
        raise Slip


def test_what_is_taken_back_is_what_stood_in_that_savepoint(of_its_own: DatabaseWrapper) -> None:
    done: list[str] = []
    with transaction.atomic():
        say("one")
        with transaction.atomic():
            say("two")
            transaction.on_commit(lambda: done.append("two"))
            with pytest.raises(Slip):
                slip("not this")
            with transaction.atomic():
                say("three")
        with pytest.raises(Slip):
            slip("nor this", "nor that")
        with pytest.raises(Slip), transaction.atomic():
            say("all of it")
            with transaction.atomic():
                say("and what was well")
            raise Slip
        say("four")
    assert said(of_its_own) == ["one", "two", "three", "four"]
    assert done == ["two"]
    with pytest.raises(Slip), transaction.atomic():
        with transaction.atomic():
            say("gone with the whole")
        raise Slip
    with transaction.atomic(), transaction.atomic():
        say("five")
    assert said(of_its_own) == ["one", "two", "three", "four", "five"]


def test_a_savepoint_has_the_name_that_it_had_before(of_its_own: DatabaseWrapper) -> None:
    with CaptureQueriesContext(of_its_own) as asked, transaction.atomic():
        for _ in range(3):
            with transaction.atomic(), transaction.atomic():
                say("word")
    words = [each["sql"] for each in asked if each["sql"].startswith(("SAVEPOINT", "RELEASE"))]
    assert len(words) == 12
    assert len(set(words)) == 4


@prepared
def _named(odd: str, *, title: str) -> QuerySet[Case]:
    return Case.objects.filter(title__in=[odd, title]).exclude(last_said=odd).order_by("pk")


@pytest.mark.django_db
@pytest.mark.parametrize("odd", ["It’s 100 %s", "'; --", '%% "%"', "?", "\\", "", "a\0b"])
def test_a_text_that_never_changes_is_spelled_as_it_is(desk: Desk, odd: str) -> None:
    # PostgreSQL keeps no text with a zero in it.
    if "\0" in odd and connection.vendor != "sqlite":
        return
    for title in (odd, "Two", "Three"):
        desk.heard(title=title or "None", text="Words")
    Case.objects.filter(title="None").update(title="")
    plain = Case.objects.filter(title__in=[odd, "Two"]).exclude(last_said=odd).order_by("pk")
    assert len(plain) == 2
    for _ in range(2):
        assert [each.title for each in _named(odd, title="Two")] == [each.title for each in plain]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL looks for itself")
def test_sqlite_believes_what_a_desk_looks_like_and_keeps_no_samples(desk: Desk) -> None:
    desk.heard(title="One")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        statistics.gather(connection)
        cursor.execute("SELECT tbl, idx, stat FROM sqlite_stat1")
        assert set(cursor.fetchall()) == statistics.shape()
        cursor.execute("SELECT name FROM sqlite_master WHERE name = 'sqlite_stat4'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"SELECT count(*) FROM {name}")
            assert cursor.fetchone() == (0,)
    with CaptureQueriesContext(connection) as asked:
        statistics.gather(connection)
    assert not [each["sql"] for each in asked if not each["sql"].startswith("SELECT")]
    assert [each.title for each in _named("no", title="One")] == ["One"]


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL looks for itself")
def test_the_shape_of_a_desk_knows_every_index_of_the_tables_that_it_names() -> None:
    """Where this fails an index came or went: `python -m tools.shape` writes it anew."""
    tables = {table for table, _, counts in statistics.shape() if not counts.startswith("0 ")}
    known = {index for _table, index, _counts in statistics.shape() if index}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'")
        there = cursor.fetchall()
    assert (
        {name for table, name in there if table in tables} <= known <= {name for _, name in there}
    )
    assert {"cases_case", "cases_message", "promises_promise", "journal_entry"} <= tables


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite's driver keeps what it parsed")
def test_postgresql_plans_a_statement_once_whatever_its_values_are(desk: Desk) -> None:
    case = desk.heard(title="One", text="Words")
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    connection.connection._prepared.clear()
    for number in (None, 3, 70_000, 5_000_000_000, None, 7):
        assert [each.title for each in _named(f"odd {case.pk}", title="One")] == ["One"]
        until = None if number is None else now()
        assert change(case, {}, {"check_ins": 1, "owner": case.owner, "snoozed_until": until})
        list(_one(pk=case.pk if number is None else number))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE %s OR statement LIKE %s",
            ["UPDATE%cases_case%", "SELECT%cases_case%"],
        )
        kept = cursor.fetchall()
    assert len({statement for statement, *_plans in kept}) == 3
    assert len(kept) == 3
    assert all(of_all and not of_one for _statement, of_all, of_one in kept)
    assert any("'odd " in statement for statement, *_plans in kept)


@pytest.mark.django_db
@pytest.mark.parametrize("number", [-5, 0, 7])
def test_a_number_that_never_changes_is_spelled_as_it_is(desk: Desk, number: int) -> None:
    case = desk.heard(title="One", text="Words")
    Case.objects.update(check_ins=7 + number)
    assert _seven_and(number, pk=case.pk) == [case.pk]
    assert not _seven_and(number - 1, pk=case.pk)


@prepared
def _seven_and(number: int, *, pk: int) -> QuerySet[Case, Any]:
    seven = Case.objects.annotate(left=F("check_ins") - number).filter(left=7)
    return seven.filter(pk=pk).values_list("pk", flat=True)


@pytest.mark.django_db
def test_the_short_way_finds_what_the_long_way_finds(desk: Desk) -> None:
    """Models with what hangs on them, tuples and single columns; and errors that are Django's."""
    case = desk.heard(title="It’s 100 %", text="Words")
    short = [list(ask(pk=case.pk)) for ask in (_whole, _some, _one)]
    with CaptureQueriesContext(connection) as asked:
        long = [list(ask(pk=case.pk)) for ask in (_whole, _some, _one)]
    assert len(asked) == 3
    assert short[1:] == long[1:]
    [mine], [django] = short[0], long[0]
    for each in (lambda row: row, lambda row: row.customer, lambda row: row.team):
        fields = [field.attname for field in each(mine)._meta.concrete_fields]
        assert [getattr(each(mine), f) for f in fields] == [
            getattr(each(django), f) for f in fields
        ]
    with pytest.raises(IntegrityError), transaction.atomic():
        put(Participant(case=case, customer=case.customer, role="copy"))
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            put(Participant(case=case, customer=case.customer, role="copy"))
        with pytest.raises(transaction.TransactionManagementError):
            _one(pk=case.pk)
        transaction.set_rollback(True)


@prepared
def _whole(*, pk: int) -> QuerySet[Case]:
    return Case.objects.filter(pk=pk).select_related("customer__account", "team__schedule")


@prepared
def _some(*, pk: int) -> QuerySet[Case, Any]:
    return Case.objects.filter(pk=pk).values_list("is_unread", "last_at", "team__slug", "rested_at")


@prepared
def _one(*, pk: int) -> QuerySet[Case, Any]:
    return Case.objects.filter(pk=pk).values_list("opened_at", flat=True)
