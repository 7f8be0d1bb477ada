"""The index stays true: whoever writes, whatever is altered, wherever it was stopped."""

from collections.abc import Callable

import pytest
from django.db import connection

from goodword.cases.models import Attachment, Case, Message
from goodword.core.time import now
from goodword.finding import keeping
from goodword.finding.index import TABLES, index
from goodword.finding.keeping import after_migrating, catch_up, fill, fill_anew, share_filled
from goodword.finding.looking import match_of
from goodword.finding.models import Filling, Name, Stale
from goodword.finding.parsing import parse
from goodword.people.models import Account, ContactPoint, Customer
from tests.cast import Desk

Change = Callable[[Desk, Case], object]


def found(words: str) -> list[int]:
    return index().newest(match_of(parse(words)), below=None, limit=100)


def one(desk: Desk, case: Case) -> Message:
    return desk.last(case)


def raw(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


# What changes, and a word that is found after it and was not before.
CHANGES: dict[str, Change] = {
    "a bulk insert": lambda desk, case: Message.objects.bulk_create(
        [Message(case=case, direction="in", at=now(), text="zebra")]
    ),
    "an update of rows": lambda desk, case: Message.objects.filter(case=case).update(text="zebra"),
    "a save": lambda desk, case: Message(
        case=case, direction="note", member=desk.priya, at=now(), text="zebra"
    ).save(),
    "a statement": lambda desk, case: raw(
        "UPDATE cases_message SET text = 'zebra' WHERE case_id = %s", case.pk
    ),
    "a file": lambda desk, case: Attachment.keep(
        "zebra.pdf", b"x", "application/pdf", message=one(desk, case)
    ),
    "a title": lambda desk, case: Case.objects.filter(pk=case.pk).update(title="zebra"),
    "another customer": lambda desk, case: Case.objects.filter(pk=case.pk).update(
        customer=Customer.objects.create(name="Zebra")
    ),
    "a new name": lambda desk, case: desk.ellen.rewrite(by=desk.priya, name="Ellen Zebra"),
    "an account's new name": lambda desk, case: Account.objects.update(name="Zebra & Sons"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_way_to_write_is_noticed(desk: Desk, name: str) -> None:
    case = desk.heard(text="horse")
    catch_up()
    assert not found("zebra")
    CHANGES[name](desk, case)
    assert Stale.objects.exists()
    catch_up()
    assert found("zebra")
    assert not Stale.objects.exists()


def test_what_is_gone_is_found_no_more(desk: Desk) -> None:
    case = desk.heard(text="horse")
    kept = Attachment.keep("zebra.pdf", b"x", "application/pdf", message=one(desk, case))
    extra = Message.objects.create(case=case, direction="note", at=now(), text="lion AB-9999")
    catch_up()
    assert found("zebra")
    assert found("lion")
    kept.delete()
    raw("DELETE FROM finding_code WHERE message_id = %s", extra.pk)
    raw("DELETE FROM cases_message WHERE id = %s", extra.pk)
    catch_up()
    assert not found("zebra")
    assert not found("lion")


def test_an_address_follows_whom_it_belongs_to(desk: Desk) -> None:
    catch_up()
    ContactPoint.objects.filter(value="daniel@reyes.example").update(customer=desk.ellen)
    catch_up()
    of = Name.objects.filter(text="daniel@reyes.example").values_list("subject", flat=True)
    assert list(of) == [desk.ellen.pk]


def test_much_at_once_is_read_in_small_batches(desk: Desk) -> None:
    case = desk.heard()
    catch_up()
    rows = [Message(case=case, direction="in", at=now(), text=f"zebra {n}") for n in range(450)]
    Message.objects.bulk_create(rows)
    turns = 0
    while keeping.freshen():
        turns += 1
    assert turns == 3
    assert len(index().newest(match_of(parse("zebra")), below=None, limit=900)) == 450


def test_a_table_that_was_made_anew_gets_its_triggers_again(desk: Desk) -> None:
    case = desk.heard(text="horse")
    catch_up()
    on = " ON cases_message" if connection.vendor == "postgresql" else ""
    raw(f"DROP TRIGGER finding_message_u{on}")
    Message.objects.filter(case=case).update(text="zebra")
    catch_up()
    assert not found("zebra")
    assert index().missing() == {"finding_message_u"}
    after_migrating()
    assert not index().missing()
    assert share_filled() < 1
    catch_up()
    assert found("zebra")
    assert share_filled() == 1


def test_reading_anew_mends_goes_on_where_it_stopped_and_ends(desk: Desk) -> None:
    case = desk.heard(title="Animals", text="horse")
    rows = [Message(case=case, direction="in", at=now(), text=f"zebra {n}") for n in range(450)]
    Message.objects.bulk_create(rows)
    catch_up()
    for table in TABLES:
        index().drop_between(table, 0, 10**9)
    assert not found("zebra")
    fill_anew()
    done = []
    for _turn in range(4):
        assert fill()
        done.append(share_filled())
    assert done == sorted(done)
    assert 0 < done[-1] < 1
    assert found("zebra")
    assert not found("horse")
    while fill():
        pass
    assert found("horse")
    assert share_filled() == 1
    assert Filling.objects.filter(below__gt=1).count() == 0


def test_five_megabytes_are_read_as_far_as_anybody_looks(desk: Desk) -> None:
    case = desk.heard(text="zebra " + "a-1-" * 1_250_000)
    catch_up()
    assert found("zebra") == [one(desk, case).pk]
