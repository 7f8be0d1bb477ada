"""Searching: what is found, by whom, and what never is."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from goodword.cases.models import Attachment, Case, Message
from goodword.core.time import now
from goodword.finding.filters import Viewpoint
from goodword.finding.index import index
from goodword.finding.keeping import catch_up
from goodword.finding.looking import PER_PAGE, Search
from goodword.finding.parsing import parse
from goodword.people.meeting import customer_of
from goodword.people.models import Customer
from goodword.staff.models import Member
from goodword.worker.tick import tick
from tests.cast import Desk, london

LONDON = ZoneInfo("Europe/London")


def search(member: Member, text: str, **details: object) -> Search:
    catch_up()
    return Search(parse(text), Viewpoint(member, now(), LONDON), **details)  # type: ignore[arg-type]


def titles(desk: Desk, text: str, member: Member | None = None) -> list[str]:
    return [hit.case.title for hit in search(member or desk.priya, text).hits]


def test_a_case_is_found_by_what_anybody_said_in_it(desk: Desk) -> None:
    case = desk.heard(title="Printer", text="It eats the paper.")
    case.note("Looks like the fuser.", by=desk.dele)
    case.reply(by=desk.priya, text="I bring a spare roller.", then="ask")
    case.log_call("Spoke about toner.", by=desk.priya, answers=True)
    for words in ("eats", "fuser", "spare roller", "TONER", "printer", "paper ellen", "whitcombe"):
        assert titles(desk, words) == ["Printer"], words
    assert titles(desk, "scanner") == []


def test_all_words_must_be_there_and_a_phrase_as_it_stands(desk: Desk) -> None:
    desk.heard(title="One", text="The blue light is on.")
    desk.heard(title="Two", text="The light turns blue.")
    assert titles(desk, "blue light") == ["Two", "One"]
    assert titles(desk, '"blue light"') == ["One"]
    assert titles(desk, "blue -turns") == ["One"]
    assert titles(desk, "turn*") == ["Two"]
    assert titles(desk, "turn") == []


def test_accents_and_umlauts_are_no_obstacle(desk: Desk) -> None:
    desk.heard(title="Dach", text="Die Tür von Frau Müller in der Straße, déjà vu, 打印机坏了")
    for words in ("müller", "muller", "Mueller", "STRASSE", "tuer", "deja", "打印机"):
        assert titles(desk, words) == ["Dach"], words


def test_files_are_found_by_their_names(desk: Desk) -> None:
    case = desk.heard(title="Bill")
    catch_up()
    Attachment.keep("Invoice-88.pdf", b"x", "application/pdf", message=desk.last(case))
    desk.heard(title="Other")
    assert titles(desk, "invoice") == ["Bill"]
    assert titles(desk, "has:file") == ["Bill"]
    assert titles(desk, "-has:file") == ["Other"]


def test_a_name_stands_with_its_messages_and_follows_a_change(desk: Desk) -> None:
    desk.heard(title="Leak", text="Water everywhere.")
    assert titles(desk, "ellen water") == ["Leak"]
    desk.ellen.rewrite(by=desk.priya, name="Ellen Hartley")
    assert titles(desk, "hartley water") == ["Leak"]
    assert titles(desk, '"ellen whitcombe" water') == []


@pytest.mark.parametrize(
    "typed", ["AB-1234-77", "ab123477", "AB 1234 77", "ab-1234/77", "AB-1234-78", "AB-123477",
              "AB-1324-77", "AB-124-77"]
)  # fmt: skip
def test_a_number_is_found_however_it_is_typed(desk: Desk, typed: str) -> None:
    desk.heard(title="Order", text="Where is my order AB-1234-77?")
    desk.heard(title="Another", text="Order XX-9999-00 came.")
    found = search(desk.priya, typed)
    assert [hit.case.title for hit in (found.exact or found.hits or found.near)] == ["Order"]


def test_a_reference_comes_first_however_it_is_typed(desk: Desk) -> None:
    case = desk.heard(title="This")
    number = str(case.pk)
    for typed in (f"HL-{number}", f"hl{number}", f"HL {number}", number, f"#{number}"):
        assert [hit.case for hit in search(desk.priya, typed).exact] == [case], typed
    assert search(desk.ines, f"HL-{number}").exact == []


def test_a_merged_reference_leads_to_where_it_goes_on(desk: Desk) -> None:
    gone, survivor = desk.heard(text="zebra"), desk.heard(text="horse")
    gone.merge_into(survivor, by=desk.priya)
    assert [hit.case for hit in search(desk.priya, f"HL-{gone.pk}").exact] == [survivor]
    assert [hit.case for hit in search(desk.priya, "zebra").hits] == [survivor]


def test_a_tag_and_a_sleep_are_filters(desk: Desk) -> None:
    desk.heard(title="Plain")
    case = desk.answered(desk.heard(title="Tagged"))
    case.tag("Outage", by=desk.priya)
    case.snooze(london("2026-11-20 10:00"), by=desk.priya)
    assert titles(desk, "tag:outage") == ["Tagged"]
    assert titles(desk, "-tag:outage") == ["Plain"]
    assert titles(desk, "is:snoozed") == ["Tagged"]


def test_nobody_finds_what_they_may_not_see(desk: Desk) -> None:
    ours = desk.heard(title="Secret AB-1234-77", text="The password is swordfish AB-1234-77.")
    for words in ("swordfish", "AB-1234-77", "AB-1234-78", "is:ours", "customer:ellen"):
        found = search(desk.ines, words)
        assert (found.hits, found.exact, found.near) == ([], [], []), words
        assert found.page.further == ""
    ours.offer_to(desk.ines, by=desk.priya)
    assert titles(desk, "swordfish", desk.ines) == [ours.title]


def test_filters_are_words(desk: Desk) -> None:
    desk.at("2026-11-16 09:00")
    old = desk.heard(title="Old", text="Nobody answers.")
    desk.at("2026-11-19 16:00")
    asked = desk.asked(desk.heard(desk.daniel, title="Asked"))
    mine = desk.heard(title="Mine")
    mine.take(by=desk.priya)
    mine.note("Secret.", by=desk.priya)
    tick()
    old.refresh_from_db()
    for words, expected in {
        "owner:me": {"Asked", "Mine"}, "owner:nobody": {"Old"}, "owner:priya": {"Asked", "Mine"},
        "-owner:me": {"Old"}, "promise:broken": {"Old"}, "promise:kept": {"Asked"},
        "promise:due<2d": {"Mine"}, "silent:>1d": {"Old"}, "silent:<1d": {"Mine"},
        "is:decide": {"Asked"}, "is:ours": {"Old", "Mine"}, "from:daniel": {"Asked"},
        "from:priya": {"Asked", "Mine"}, "to:daniel": {"Asked"}, "in:note": {"Mine"},
        "before:2026-11-17": {"Old"}, "after:today": {"Asked", "Mine"}, "on:16.11.2026": {"Old"},
        "team:it": {"Old", "Asked", "Mine"}, "team:virtual": set(), "account:reyes": {"Asked"},
        "customer:ellen": {"Old", "Mine"}, "customer:ellen@whitcombe.example": {"Old", "Mine"},
        "channel:mail is:ours -silent:>1d": {"Mine"}, "waiting:>1h": set(),
        "is:internal": set(), "is:aside": set(), "answers promise:broken": {"Old"},
        "from:daniel in:note": set(), "is:snoozed": set(), "ist:unser besitzer:niemand": {"Old"},
    }.items():  # fmt: skip
        assert set(titles(desk, words)) == expected, words
    assert asked.pk


def test_pages_go_on_where_the_last_one_ended(desk: Desk) -> None:
    for number in range(PER_PAGE + 5):
        case = desk.heard(title=f"Case {number}", text="common words")
        if number % 3 == 0:
            case.hear(desk.ellen, "common once more")
    for words in ("common", "is:ours"):
        first = search(desk.priya, words)
        second = search(desk.priya, words, cursor=first.page.further)
        found = [hit.case.pk for hit in [*first.hits, *second.hits]]
        assert (len(first.hits), len(found)) == (PER_PAGE, len(set(found)))
        assert len(found) == PER_PAGE + 5
        assert second.page.further == ""


def test_a_phrase_of_common_words_is_found_piece_by_piece(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(24):
        together = "the grey cat sleeps" if number % 8 == 0 else "the cat is grey"
        desk.heard(title=f"Case {number}", text=together)
    at_once = search(desk.priya, '"grey cat"')
    wanted = ["Case 16", "Case 8", "Case 0"]
    assert [hit.case.title for hit in at_once.hits] == wanted
    assert at_once.page.further == ""
    monkeypatch.setattr("goodword.finding.looking.SAMPLE", 3)
    monkeypatch.setattr("goodword.finding.looking.MOST_GONE_THROUGH", 5)
    pages, cursor = [search(desk.priya, '"grey cat"')], ""
    while cursor := pages[-1].page.further:
        assert not pages[-1].page.is_whole
        pages.append(search(desk.priya, '"grey cat"', cursor=cursor))
    assert [hit.case.title for each in pages for hit in each.hits] == [
        "Case 16",
        "Case 8",
        "Case 0",
    ]
    assert len(pages) > 2 or not index().goes_through
    assert len(search(desk.priya, '"the zebra"').hits) == 0
    assert search(desk.priya, '"the zebra"').page.further == ""


@pytest.mark.parametrize("asked", ["word is:ours", "word owner:me", "word in:note is:ours"])
def test_going_from_few_cases_finds_what_going_from_the_words_does(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    for number in range(PER_PAGE + 3):
        case = desk.heard(title=f"Case {number}", text="A word.")
        case.note("My word.", by=desk.priya)
        if number % 5:
            case.take(by=desk.priya)

    def pages() -> list[tuple[str, ...]]:
        first = search(desk.priya, asked)
        second = search(desk.priya, asked, cursor=first.page.further)
        return [tuple(str(hit.case) for hit in each.hits) for each in (first, second)]

    by_words = pages()
    monkeypatch.setattr(type(index()), "reads_by_row", True)
    assert search(desk.priya, asked)._few is not None
    assert pages() == by_words
    monkeypatch.setattr("goodword.finding.looking.FEW_CASES", 3)
    assert search(desk.priya, asked)._few is None
    assert pages() == by_words


def test_a_word_with_a_filter_behind_it_is_asked_for_once(
    desk: Desk, django_assert_num_queries: Any
) -> None:
    desk.heard(text="Nothing remarkable.")
    found = search(desk.priya, "remarkable in:note", live=True)
    with django_assert_num_queries(2):
        assert found.page.rows == ()


def test_what_is_erased_leaves_the_index(desk: Desk) -> None:
    case = desk.heard(title="Hello", text="My card is 4111-1111-1111.")
    assert titles(desk, "card") == ["Hello"]
    Message.objects.filter(case=case).update(text="", subject="", erased_at=now())
    assert titles(desk, "card") == []
    found = search(desk.priya, "4111-1111-1111")
    assert (found.exact, found.near) == ([], [])
    Case.objects.filter(pk=case.pk).update(title="(erased)")
    assert titles(desk, "hello") == []


def test_a_snippet_is_words_and_never_markup(desk: Desk) -> None:
    desk.heard(title="<b>bold</b>", text="x " * 300 + "<script>alert('needle')</script> tail & end")
    [hit] = search(desk.priya, "needle bold").hits
    assert "&lt;script&gt;alert(&#x27;<mark>needle</mark>&#x27;)&lt;/script&gt;" in hit.says
    assert hit.says.startswith("… ")
    assert hit.title == "&lt;<mark>b</mark>&gt;" or "<mark>bold</mark>" in hit.title
    assert "<script" not in hit.says


@pytest.mark.parametrize(
    "typed",
    ["a" * 10_000, "word " * 3000, '"', '"""', "NEAR(a b)", "a AND", "said:x", "^a", "* * *", "-",
     "a\0b", "'; DROP TABLE cases_case; --", "\u202ehello", "!?%&()", "{a} : b", "a* b*", "-a -b",
     "\ue000elen", "\ue001", "from:", "from:*", "after:0001-01-01", "before:9999-12-31",
     "silent:>9999w", "promise:due<9999w", "on:9999d", "٣٤٥٦", "½ ⅓", "e\u0301t\u0301", "🦀 🦀"]
)  # fmt: skip
def test_nothing_that_is_typed_breaks_it(desk: Desk, typed: str) -> None:
    desk.heard(text="A word, a AND, hello 3456 elen b.")
    for live in (True, False):
        found = search(desk.priya, typed, live=live)
        assert isinstance(found.hits, list)
        assert isinstance(found.exact + found.near, list)


def test_the_snippet_is_of_the_message_that_says_it(desk: Desk) -> None:
    case = desk.heard(title="Server", text="Where is the server?")
    case.note("Nobody knows.", by=desk.dele)
    [hit] = search(desk.priya, "server").hits
    assert hit.says == "Where is the <mark>server</mark>?"
    assert hit.title == "<mark>Server</mark>"


def test_somebody_new_and_somebody_changed_are_found(desk: Desk) -> None:
    from goodword.finding.people import People

    customer_of("noor@farcross.example", "Noor Haddad", account_domain="farcross.example")
    catch_up()

    def called(text: str) -> list[str]:
        people = People(text, desk.priya)
        return [each.name for each in (people.customers or people.near_customers)]

    for typed in ("Elen Marsch", "ellen m"):
        assert called(typed) == []
    Customer.objects.filter(pk=desk.ellen.pk).update(name="Ellen Marsh")
    catch_up()
    for typed in ("Elen Marsch", "ellen m", "Elln", "marsh ellen", "ellen@whit", "020 7946 0142",
                  "7946 0142", "+44 20 7946"):  # fmt: skip
        assert called(typed)[:1] == ["Ellen Marsh"], typed
    assert called("hadad") == ["Noor Haddad"]
    assert [each.name for each in People("farcros", desk.priya).accounts] == ["farcross.example"]
    assert called("Whitcombe") == ["Ellen Marsh"]
