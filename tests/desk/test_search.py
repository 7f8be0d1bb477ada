"""The search page through HTTP, with and without HTMX, and the few that the palette shows."""

import json

import pytest
from django.test import Client

from goodword.finding.keeping import catch_up
from tests.cast import Desk
from tests.desk.conftest import signed_in


def test_the_page_teaches_finds_and_marks(desk: Desk, priya: Client) -> None:
    desk.heard(title="Printer <jams>", text="The printer eats paper & smokes.")
    catch_up()
    assert "owner:nobody" in priya.get("/search/").content.decode()
    html = priya.get("/search/", {"q": "printer"}).content.decode()
    assert "<mark>Printer</mark> &lt;jams&gt;" in html
    assert "The <mark>printer</mark> eats paper &amp; smokes." in html
    assert 'value="printer"' in html
    part = priya.get("/search/", {"q": "print"}, headers={"HX-Request": "true"}).content.decode()
    assert "<mark>Printer</mark>" in part
    assert "<html" not in part


def test_filters_are_chips_that_can_be_taken_away(desk: Desk, priya: Client) -> None:
    desk.heard(title="Free one", text="A word.")
    catch_up()
    html = priya.get("/search/", {"q": "word owner:nobody is:ours"}).content.decode()
    assert "Free one" in html
    assert 'href="/search/?q=word%20is%3Aours"' in html
    assert 'href="/search/?q=word%20owner%3Anobody"' in html


def test_what_is_not_understood_is_said_gently(desk: Desk, priya: Client) -> None:
    html = priya.get("/search/", {"q": "promise:brokn"}).content.decode()
    assert "“promise:brokn” was looked for as words." in html
    assert 'href="/search/?q=promise%3Abroken"' in html
    assert "Nothing found" in html
    assert "needs a word to look for" in priya.get("/search/?q=-spam").content.decode()


def test_people_come_with_their_accounts_and_slips_are_forgiven(desk: Desk, priya: Client) -> None:
    catch_up()
    html = priya.get("/search/", {"q": "elen whitcomb"}).content.decode()
    assert "Nobody is called exactly so" in html
    assert f"/customers/{desk.ellen.pk}/" in html
    html = priya.get("/search/", {"q": "whitcombe"}).content.decode()
    assert f"/accounts/{desk.ellen.account_id}/" in html


def test_no_title_count_or_snippet_leaks_to_another_team(desk: Desk) -> None:
    case = desk.heard(title="Swordfish plan", text="The swordfish is at noon. AB-1234-77")
    catch_up()
    ines = signed_in(desk.ines)
    for typed in ("swordfish", f"HL-{case.pk}", "AB-1234-77", "AB-1234-7", "ellen", "elen",
                  "customer:ellen", "is:ours", "whitcombe", "ellen@whitcombe.example"):  # fmt: skip
        for url in ("/search/", "/search/quick"):
            html = ines.get(url, {"q": typed}).content.decode()
            for secret in (
                "Swordfish plan",
                "at noon",
                "Whitcombe Consulting",
                f"/cases/{case.pk}/",
            ):
                assert secret not in html, (typed, url)
        assert "0 cases found" in ines.get("/search/", {"q": typed}).content.decode() or (
            "Nothing found" in ines.get("/search/", {"q": typed}).content.decode()
        )


@pytest.mark.parametrize("typed", ["x" * 10_000, '"', "\0", "' OR 1=1 --", "\u202e(", "*", "a:b:c"])
def test_whatever_is_typed_there_is_a_page(desk: Desk, priya: Client, typed: str) -> None:
    for url in ("/search/", "/search/quick"):
        assert priya.get(url, {"q": typed, "after": typed}).status_code == 200


def test_the_palette_gets_groups_of_links(desk: Desk, priya: Client) -> None:
    case = desk.heard(title="Priyanka's printer", text="It jams.")
    catch_up()
    groups = json.loads(priya.get("/search/quick", {"q": "pri"}).content)["groups"]
    assert [group["name"] for group in groups] == ["cases", "members"]
    assert groups[0]["entries"][0]["url"] == f"/cases/{case.pk}/"
    assert "Priya Raman" in [entry["label"] for entry in groups[1]["entries"]]
    groups = json.loads(priya.get("/search/quick", {"q": "elle"}).content)["groups"]
    assert groups[1] == {
        "name": "customers",
        "label": "Customers",
        "entries": [{"label": "Ellen Whitcombe", "detail": "Whitcombe Consulting",
                     "url": f"/customers/{desk.ellen.pk}/"}],
    }  # fmt: skip
    rows = priya.get("/search/quick", {"q": "elle"}, headers={"HX-Request": "true"})
    assert "<li data-row>" in rows.content.decode()
    assert json.loads(priya.get("/search/quick").content) == {"groups": []}
