"""Customers: finding one, what we know of them, how they are reached, and their organisation."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from selectolax.lexbor import LexborHTMLParser as Page

from goodword.cases.models import Case, CustomerAct
from goodword.journal.models import Entry
from goodword.people.meeting import customer_of
from goodword.people.models import Account, ContactPoint, Customer
from goodword.promises.models import Promise
from tests.cast import Desk, london
from tests.desk.conftest import signed_in

LONG = "x" * 100_000


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def act(
    client: Client, who: Customer, verb: str, headers: dict[str, Any] | None = None, **typed: str
) -> Any:
    return client.post(f"/customers/{who.pk}/{verb}", typed, **(headers or {}))


# The list


@pytest.mark.parametrize(
    "query",
    ["Ellen", "whit", "ellen@whit", "020 7946", "+44 20 7946 0142", "442079", "Whitcombe Con"],
)
def test_somebody_is_found_by_name_address_number_or_organisation(
    desk: Desk, priya: Client, query: str
) -> None:
    desk.heard(), desk.heard(desk.daniel)
    answer = priya.get("/customers/", {"q": query})
    assert "Ellen Whitcombe" in answer.content.decode()
    assert "Daniel Reyes" not in answer.content.decode()


def test_nobody_found_says_what_to_do(priya: Client) -> None:
    assert "Nobody like that" in page(priya, "/customers/?q=zzz")


def test_typing_swaps_the_rows_alone(desk: Desk, priya: Client) -> None:
    desk.heard()
    answer = priya.get("/customers/?q=ellen", HTTP_HX_REQUEST="true").content.decode()
    assert "Ellen Whitcombe" in answer
    assert "<html" not in answer


def test_whoever_only_another_team_serves_is_not_there(desk: Desk) -> None:
    desk.heard()
    ines = signed_in(desk.ines)
    assert "Ellen Whitcombe" not in page(ines, "/customers/")
    assert ines.get(f"/customers/{desk.ellen.pk}/").status_code == 404
    assert ines.get(f"/accounts/{desk.ellen.account_id}/").status_code == 404
    assert act(ines, desk.ellen, "pin", text="Mine now").status_code == 404
    assert "Ellen Whitcombe" in page(signed_in(desk.jonas), "/customers/")


@pytest.mark.parametrize("url", ["/customers/", "/customers/?q=person"])
def test_the_list_asks_as_many_questions_for_two_as_for_twenty(
    desk: Desk, priya: Client, questions: Callable[[Client, str], int], url: str
) -> None:
    def fill(n: int) -> int:
        for number in range(n):
            desk.heard(customer_of(f"p{number}@many.example", f"Person {number}"))
        return questions(priya, url)

    few = fill(2)
    assert fill(20) == few
    assert few <= 15


# One customer


def test_one_customer_asks_as_many_questions_for_two_cases_as_for_twenty(
    desk: Desk, priya: Client, questions: Callable[[Client, str], int]
) -> None:
    def fill(n: int) -> int:
        for number in range(n):
            case = desk.asked(desk.heard(title=f"Matter {number}"))
            case.settle(CustomerAct.on_page(desk.link(case)), degree="good", words="Fine.")
            open_ = desk.answered(desk.heard(title=f"More {number}"))
            desk.promise(open_, "callback").keep(by=desk.priya, evidence="Rang")
            act(priya, desk.ellen, "pin", text=f"Know {number}")
            other = customer_of(f"p{number}@whitcombe.example", f"Colleague {number}")
            Customer.objects.filter(pk=other.pk).update(account=desk.ellen.account)
        return questions(priya, f"/customers/{desk.ellen.pk}/")

    few = fill(2)
    assert fill(20) == few
    assert few <= 15
    assert questions(priya, f"/accounts/{desk.ellen.account_id}/") <= 15


def test_the_page_shows_cases_ledger_words_and_who_else_is_there(desk: Desk, priya: Client) -> None:
    case = desk.asked(desk.heard(title="The server is down"))
    case.settle(CustomerAct.on_page(desk.link(case)), degree="excellent", words="Faster than ever")
    open_ = desk.answered(desk.heard(title="And the printer"))
    Promise.make(
        open_, "callback", "Ring about toner", by=desk.priya, due=london("2026-11-20 12:00")
    )
    other = customer_of("ben@whitcombe.example", "Ben Trask")
    Customer.objects.filter(pk=other.pk).update(account=desk.ellen.account)
    shown = page(priya, f"/customers/{desk.ellen.pk}/")
    for text in (
        "And the printer",
        "Ours to move",
        "Ring about toner",
        "Faster than ever",
        "Settled: Excellent",
        "Ben Trask",
        "ellen@whitcombe.example",
        "1 earlier case",
        "<b>4</b> of 4 kept in time",
    ):
        assert text in shown


def test_a_note_is_pinned_and_taken_down(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    answer = act(priya, desk.ellen, "pin", headers, text="Ring, never mail")
    assert answer.status_code == (200 if headers else 302)
    assert "Ring, never mail" in page(priya, f"/customers/{desk.ellen.pk}/")
    note = desk.ellen.pinned.get()
    act(priya, desk.ellen, "unpin", headers, note=str(note.pk))
    note.refresh_from_db()
    assert note.taken_down_at is not None
    assert "Ring, never mail" not in page(priya, f"/customers/{desk.ellen.pk}/")


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("pin", {"text": ""}, "Write what everybody should know"),
        ("pin", {"text": LONG}, "500 fit here"),
        ("unpin", {"note": "9999"}, "not there any more"),
        ("reach", {"point": ""}, "Write a mail address or a number"),
        ("reach", {"point": "no@address@at all"}, "is no mail address"),
        ("reach", {"point": "ring me"}, "is no telephone number"),
        ("reach", {"point": LONG}, "320 fit here"),
        ("unreach", {"point": "9999"}, "not there any more"),
        ("edit", {"name": " "}, "Write their name"),
        ("edit", {"name": LONG}, "200 fit here"),
        ("edit", {"name": "Ellen", "language": "tlh"}, "Choose one of the languages"),
    ],
)
def test_what_cannot_be_is_answered_and_nothing_changes(
    desk: Desk,
    priya: Client,
    headers: dict[str, Any],
    name: str,
    typed: dict[str, str],
    sentence: str,
) -> None:
    before = list(Entry.objects.order_by("pk").values_list("pk", flat=True))
    answer = act(priya, desk.ellen, name, headers, **typed)
    assert answer.status_code in (409, 422)
    assert sentence in answer.content.decode()
    assert list(Entry.objects.order_by("pk").values_list("pk", flat=True)) == before


def test_an_address_and_a_number_are_added_and_removed(desk: Desk, priya: Client) -> None:
    act(priya, desk.ellen, "reach", point="Ellen@Home.Example")
    act(priya, desk.ellen, "reach", point="+44 (0)20 7946-0199")
    values = set(desk.ellen.points.values_list("value", flat=True))
    assert {"ellen@home.example", "+442079460199"} <= values
    point = ContactPoint.objects.get(value="ellen@home.example")
    assert act(priya, desk.ellen, "unreach", point=str(point.pk)).status_code == 302
    assert not ContactPoint.objects.filter(pk=point.pk).exists()


def test_the_only_way_to_reach_somebody_stays(desk: Desk, priya: Client) -> None:
    point = desk.daniel.points.get()
    answer = act(priya, desk.daniel, "unreach", point=str(point.pk))
    assert answer.status_code == 409
    assert "Add another one first" in answer.content.decode()


def test_an_address_has_one_customer(desk: Desk, priya: Client) -> None:
    answer = act(priya, desk.daniel, "reach", point="020 7946 0142")
    assert answer.status_code == 409
    assert "+442079460142 is Ellen Whitcombe’s already" in answer.content.decode()


def test_what_we_know_is_changed_and_noted(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    answer = act(
        priya,
        desk.daniel,
        "edit",
        headers,
        name="Daniel A. Reyes",
        account="Reyes Translations",
        language="de",
        about="Decides",
    )
    assert answer.status_code == (200 if headers else 302)
    desk.daniel.refresh_from_db()
    assert (desk.daniel.name, desk.daniel.about, desk.daniel.language) == (
        "Daniel A. Reyes",
        "Decides",
        "de",
    )
    assert desk.daniel.account.name == "Reyes Translations"
    entry = Entry.objects.get(kind="customer_changed")
    assert entry.facts["fields"] == ["about", "account", "language", "language_by", "name"]


def test_an_organisation_is_not_made_twice(desk: Desk, priya: Client) -> None:
    act(priya, desk.daniel, "edit", name="Daniel Reyes", account="whitcombe consulting")
    desk.daniel.refresh_from_db()
    assert desk.daniel.account == desk.ellen.account
    assert Account.objects.filter(name__iexact="whitcombe consulting").count() == 1


def test_an_organisation_shows_its_people_and_cases(desk: Desk, priya: Client) -> None:
    desk.heard(title="The server is down")
    shown = page(priya, f"/accounts/{desk.ellen.account_id}/")
    assert "Ellen Whitcombe" in shown
    assert "The server is down" in shown
    assert Case.objects.count() == 1


def test_acts_are_posts_alone_and_for_members(desk: Desk, priya: Client) -> None:
    for name in ("pin", "unpin", "reach", "unreach", "edit"):
        assert priya.get(f"/customers/{desk.ellen.pk}/{name}").status_code == 405
        assert act(Client(), desk.ellen, name).status_code == 302


def form_of(html: bytes) -> dict[str, str]:
    """What a browser would send of the form that changes what we know, as it stands."""
    form = Page(html).css_first("#edit form")
    assert form is not None
    found = {
        str(each.attributes["name"]): each.attributes.get("value") or ""
        for each in form.css("input[name]")
        if each.attributes.get("type") != "checkbox" or "checked" in each.attributes
    }
    for select in form.css("select[name]"):
        chosen = select.css_first("option[selected]")
        value = chosen.attributes.get("value") if chosen else ""
        found[str(select.attributes["name"])] = value or ""
    return found


def test_two_who_change_different_facts_both_have_their_way(desk: Desk, priya: Client) -> None:
    tom, page = signed_in(desk.tom), f"/customers/{desk.ellen.pk}/"
    theirs, ours = (form_of(each.get(page).content) for each in (tom, priya))
    assert tom.post(f"{page}edit", theirs | {"about": "Decides on the budget"}).status_code == 302
    assert priya.post(f"{page}edit", ours | {"language": "de"}).status_code == 302
    desk.ellen.refresh_from_db()
    assert (desk.ellen.about, desk.ellen.language) == ("Decides on the budget", "de")


def test_the_second_of_two_who_change_the_same_sees_both_texts_and_may_keep_theirs(
    desk: Desk, priya: Client
) -> None:
    tom, page = signed_in(desk.tom), f"/customers/{desk.ellen.pk}/"
    theirs, ours = (form_of(each.get(page).content) for each in (tom, priya))
    tom.post(f"{page}edit", theirs | {"about": "Decides on the budget", "language": "de"})
    answer = priya.post(f"{page}edit", ours | {"about": "Asks for the budget"})
    assert answer.status_code == 409
    assert "“Decides on the budget”" in Page(answer.content).text()
    desk.ellen.refresh_from_db()
    assert desk.ellen.about == "Decides on the budget"
    # The form that is given back has what was typed, and of the rest what is there now.
    again = form_of(answer.content)
    assert (again["about"], again["language"]) == ("Asks for the budget", "de")
    assert priya.post(f"{page}edit", again).status_code == 302
    desk.ellen.refresh_from_db()
    assert (desk.ellen.about, desk.ellen.language) == ("Asks for the budget", "de")


@pytest.mark.parametrize(
    ("theirs", "ours", "said"),
    [
        ({"language": "de"}, {"language": "en-gb"}, "“Deutsch”"),
        ({"since": "2024-03-01"}, {"since": "2023-03-01"}, "“1 Mar 2024”"),
    ],
)
def test_what_the_other_chose_is_said_in_words(
    desk: Desk, priya: Client, theirs: dict[str, str], ours: dict[str, str], said: str
) -> None:
    tom, page = signed_in(desk.tom), f"/customers/{desk.ellen.pk}/"
    form = form_of(priya.get(page).content)
    assert tom.post(f"{page}edit", form | theirs).status_code == 302
    answer = priya.post(f"{page}edit", form | ours)
    assert answer.status_code == 409
    assert said in Page(answer.content).text()


def test_the_second_of_two_who_rename_an_organisation_is_told(desk: Desk, priya: Client) -> None:
    tom, page = signed_in(desk.tom), f"/accounts/{desk.ellen.account_id}/"
    theirs, ours = (form_of(each.get(page).content) for each in (tom, priya))
    assert tom.post(f"{page}edit", theirs | {"name": "Whitcombe & Sons"}).status_code == 302
    answer = priya.post(f"{page}edit", ours | {"name": "Whitcombe Ltd"})
    assert answer.status_code == 409
    assert "“Whitcombe & Sons”" in Page(answer.content).text()
    assert priya.post(f"{page}edit", form_of(answer.content)).status_code == 302
    desk.ellen.account.refresh_from_db()
    assert desk.ellen.account.name == "Whitcombe Ltd"
