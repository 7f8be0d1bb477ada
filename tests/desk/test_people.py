"""The screens of people: merging and un-merging, points, notes, dates, the account, the file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from goodword.people.meeting import customer_of
from goodword.people.models import Account, CriticalDate, Customer, Merge, PinnedNote
from tests.cast import Desk
from tests.desk.conftest import signed_in


@pytest.fixture
def ellie(desk: Desk) -> Customer:
    return customer_of("ellen@home.example", "Ellie Whitcombe")


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def test_two_are_merged_on_a_page_that_shows_both_and_un_merged_from_there(
    desk: Desk, priya: Client, ellie: Customer
) -> None:
    desk.heard(ellie, title="The laptop")
    to = f"/customers/{desk.ellen.pk}/merge"
    assert "Ellie Whitcombe" in text_of(priya.get(to, {"q": "ellie"}))
    looked = text_of(priya.get(to, {"with": ellie.pk}))
    assert "ellen@home.example" in looked and "1 case" in looked
    answer = priya.post(to, {"with": ellie.pk, "keep": desk.ellen.pk}, follow=True)
    shown = text_of(answer)
    assert "Ellie Whitcombe is Ellen Whitcombe" in shown and "The laptop" in shown
    merge = Merge.objects.get()
    assert f'action="/merges/{merge.pk}/undo"' in shown
    old = priya.get(f"/customers/{ellie.pk}/")
    assert old.headers["Location"] == f"/customers/{desk.ellen.pk}/?merged={merge.pk}"
    assert "Ellie" not in text_of(priya.get("/customers/"))
    undone = priya.post(f"/merges/{merge.pk}/undo", follow=True)
    assert undone.redirect_chain == [(f"/customers/{ellie.pk}/", 302)]
    assert "The laptop" in text_of(undone)


def test_the_other_may_be_the_one_who_stays(desk: Desk, priya: Client, ellie: Customer) -> None:
    priya.post(f"/customers/{desk.ellen.pk}/merge", {"with": ellie.pk, "keep": ellie.pk})
    assert Merge.objects.get().into == ellie


def test_a_merge_that_is_refused_says_why_on_the_page(
    desk: Desk, priya: Client, ellie: Customer
) -> None:
    to = f"/customers/{desk.ellen.pk}/merge"
    assert "Choose who it is" in text_of(priya.post(to))
    assert "That is the same one" in text_of(priya.post(to, {"with": desk.ellen.pk}))
    desk.heard(desk.daniel, team=desk.offices)
    answer = priya.post(to, {"with": desk.daniel.pk})
    assert answer.status_code == 422 and not Merge.objects.exists()
    priya.post(to, {"with": ellie.pk, "keep": desk.ellen.pk})
    first = Merge.objects.get()
    cleo = customer_of("cleo@home.example", "Cleo")
    priya.post(f"/customers/{cleo.pk}/merge", {"with": desk.ellen.pk, "keep": cleo.pk})
    refused = priya.post(f"/merges/{first.pk}/undo")
    assert refused.status_code == 409
    assert "Un-merge those two first" in text_of(refused)


def test_likely_doubles_are_suggested(desk: Desk, priya: Client) -> None:
    assert "Nobody is here twice" in text_of(priya.get("/customers/doubles/"))
    customer_of("ellen+shop@whitcombe.example", "E. W.")
    assert "Is this E. W. too?" in text_of(priya.get(f"/customers/{desk.ellen.pk}/"))
    assert "Almost the same mail address" in text_of(priya.get("/customers/doubles/"))


def test_an_address_of_somebody_else_offers_merging_to_who_may_see_them(
    desk: Desk, priya: Client
) -> None:
    to = f"/customers/{desk.ellen.pk}/reach"
    shown = text_of(priya.post(to, {"point": "daniel@reyes.example"}))
    assert "Daniel Reyes’s already" in shown
    assert f"/customers/{desk.ellen.pk}/merge?with={desk.daniel.pk}" in shown
    desk.heard(desk.daniel, team=desk.offices)
    hidden = text_of(priya.post(to, {"point": "daniel@reyes.example"}))
    assert "Daniel" not in hidden and "Another customer is reached there already" in hidden


def test_which_address_is_used_first_is_chosen_and_given_back(desk: Desk, priya: Client) -> None:
    priya.post(f"/customers/{desk.ellen.pk}/reach", {"point": "ellen@home.example"})
    point = desk.ellen.points.get(value="ellen@home.example")
    to = f"/customers/{desk.ellen.pk}/first"
    assert "first from now on" in text_of(priya.post(to, {"point": point.pk}, follow=True))
    assert desk.ellen.mail_address() == "ellen@home.example"
    assert "whichever they used last" in text_of(priya.post(to, {"point": point.pk}, follow=True))


def test_an_address_that_came_back_is_marked_until_it_works(desk: Desk, priya: Client) -> None:
    point = desk.ellen.points.get(kind="mail")
    point.came_back(desk.later(hours=1))
    assert "Came back on" in text_of(priya.get(f"/customers/{desk.ellen.pk}/"))
    to = f"/customers/{desk.ellen.pk}/works"
    assert "Came back on" not in text_of(priya.post(to, {"point": point.pk}, follow=True))


def test_a_note_is_rewritten_and_an_earlier_text_brought_back(desk: Desk, priya: Client) -> None:
    note = PinnedNote.pin(desk.ellen, "Rings at nine.", by=desk.priya)
    priya.post(f"/notes/{note.pk}/", {"text": "Rings at ten."})
    late = signed_in(desk.dele).post(f"/notes/{note.pk}/", {"text": "Rings at eleven."})
    shown = text_of(late)
    assert late.status_code == 409
    assert "Rings at ten." in shown and "Rings at eleven." in shown
    newest = PinnedNote.objects.get(taken_down_at=None)
    assert f'action="/notes/{newest.pk}/"' in shown
    priya.post(f"/notes/{newest.pk}/", {"version": note.pk})
    assert PinnedNote.objects.get(taken_down_at=None).text == "Rings at nine."


def test_a_note_of_another_teams_customer_is_not_there(desk: Desk) -> None:
    desk.heard()
    note = PinnedNote.pin(desk.ellen, "Secret.", by=desk.priya)
    assert signed_in(desk.ines).get(f"/notes/{note.pk}/").status_code == 404


def test_a_date_is_noted_shown_everywhere_and_taken_away(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    typed = {"name": "Audit week", "on": "2026-11-21", "repeats": "yearly", "note": "Auditors in"}
    account = f"/accounts/{desk.ellen.account_id}"
    for wrong in ({"on": "soon"}, {"name": ""}, {"repeats": "daily"}):
        assert priya.post(f"{account}/date", typed | wrong).status_code == 422
    priya.post(f"{account}/date", typed)
    pages = (f"{account}/", f"/customers/{desk.ellen.pk}/", f"/cases/{case.pk}/", "/inbox/")
    for page in pages:
        assert "Audit week" in text_of(priya.get(page)), page
    date = CriticalDate.objects.get()
    assert "Audit week" not in text_of(priya.post(f"/dates/{date.pk}/end", follow=True)).replace(
        "“Audit week” is taken away", ""
    )
    priya.post(f"/dates/{date.pk}/back")
    assert "Audit week" in text_of(priya.get(f"{account}/"))


def test_an_account_tells_what_happened_in_all_its_cases_page_by_page(
    desk: Desk, priya: Client
) -> None:
    for number in range(12):
        other = customer_of(f"c{number}@w.example", f"Colleague {number}")
        who = desk.ellen if number % 2 else other
        Customer.objects.filter(pk=who.pk).update(account=desk.ellen.account)
        who.refresh_from_db()
        desk.later(minutes=1)
        desk.answered(desk.heard(who, f"Matter {number} is broken."))
    elsewhere = desk.heard(desk.ellen, "Quite secret words", team=desk.offices)
    url, seen, pages = f"/accounts/{desk.ellen.account_id}/", "", 0
    place = ""
    while pages == 0 or place:
        asked = {"before": place} if place else {}
        headers = {"HTTP_HX_REQUEST": "true"} if place else {}
        answer = priya.get(url, asked, **headers)
        across = answer.context["across"]
        seen += text_of(answer)
        place, pages = across.next_place, pages + 1
    assert pages > 1
    assert all(f"Matter {number} is broken." in seen for number in range(12))
    assert "Quite secret words" not in seen and elsewhere.reference not in seen
    assert priya.get(url, {"before": "never~x"}).status_code == 200


def test_organisations_are_merged_and_un_merged(desk: Desk, priya: Client) -> None:
    other = Account.objects.create(name="Whitcombe Ltd")
    to = f"/accounts/{desk.ellen.account_id}/merge"
    assert "Whitcombe Ltd" in text_of(priya.get(to, {"q": "ltd"}))
    assert "one organisation" in text_of(priya.get(to, {"with": other.pk}))
    shown = text_of(priya.post(to, {"with": other.pk}, follow=True))
    assert "Whitcombe Ltd is Whitcombe Consulting" in shown
    assert priya.get(f"/accounts/{other.pk}/").status_code == 302
    priya.post(f"/merges/{Merge.objects.get().pk}/undo")
    assert priya.get(f"/accounts/{other.pk}/").status_code == 200


def test_a_customer_is_added_before_there_is_a_case(desk: Desk, priya: Client) -> None:
    typed = {"name": "Grace Okafor", "mail": "grace@okafor.example", "phone": "020 7946 0190",
             "account": "Okafor & Sons", "about": "Decides", "knows": "1",
             "is_internal": "1"}  # fmt: skip
    for wrong, said in (({"name": ""}, "Write their name"), ({"mail": "x@"}, "no mail address"),
                        ({"phone": "12"}, "no telephone number"),
                        ({"mail": "daniel@reyes.example"}, "Daniel Reyes’s already")):  # fmt: skip
        answer = priya.post("/customers/new/", typed | wrong)
        assert said in text_of(answer) and answer.status_code in {409, 422}
        assert "Okafor &amp; Sons" in text_of(answer)
    assert not Customer.objects.filter(name="Grace Okafor").exists()
    answer = priya.post("/customers/new/", typed, follow=True)
    assert "is among the customers" in text_of(answer)
    grace = Customer.objects.get(name="Grace Okafor")
    assert grace.is_internal and grace.points.count() == 2
    assert "Grace" in text_of(priya.get("/customers/", {"who": "us"}))
    assert "Grace" not in text_of(priya.get("/customers/", {"who": "them"}))


def test_the_list_is_taken_out_with_no_formula_in_it(desk: Desk) -> None:
    leader = signed_in(desk.jonas)
    evil = customer_of("eve@elsewhere.example", '=HYPERLINK("http://evil.example")')
    answer = leader.get("/customers/export.csv")
    raw = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = {row["Name"]: row for row in csv.DictReader(io.StringIO(raw))}
    assert "'" + evil.name in rows and evil.name not in rows
    assert rows["Ellen Whitcombe"]["Phone"] == "'+442079460142"
    assert rows["Ellen Whitcombe"]["Mail"] == "ellen@whitcombe.example"
    assert not any(cell[:1] in "=+-@" for row in rows.values() for cell in row.values() if cell)
    desk.heard(desk.daniel, team=desk.offices)
    assert signed_in(desk.priya).get("/customers/export.csv").status_code == 403
