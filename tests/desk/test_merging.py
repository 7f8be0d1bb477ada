"""Merging on the screens: the dialog, its refusals, the address of the one that went, the undo."""

from typing import Any

import pytest
from django.test import Client

from goodword.cases.models import Case
from tests.cast import Desk
from tests.desk.conftest import signed_in


@pytest.fixture
def pair(desk: Desk) -> tuple[Case, Case]:
    desk.at("2026-11-19 10:00")
    older = desk.heard(text="The server is down.")
    desk.at("2026-11-19 11:00")
    return older, desk.heard(text="Still down, and I wrote before.")


def merge(client: Client, case: Case, fields: dict[str, Any], **headers: Any) -> Any:
    return client.post(f"/cases/{case.pk}/merge", fields, **headers)


def where(answer: Any) -> str:
    return str(answer.get("HX-Redirect") or answer["Location"])


def test_the_dialog_offers_their_other_cases_and_merges(
    priya: Client, pair: tuple[Case, Case], headers: dict[str, Any]
) -> None:
    older, newer = pair
    form = priya.get(f"/cases/{newer.pk}/merge", **headers).content.decode()
    assert "The server is down." in form and f'value="{older.pk}"' in form
    answer = merge(priya, newer, {"into": older.pk}, **headers)
    assert where(answer) == f"/cases/{older.pk}/"
    page = priya.get(f"/cases/{older.pk}/").content.decode()
    assert f"{newer.reference} goes on as {older.reference}." in page
    # The toast and the line on the timeline both undo it.
    assert page.count(f'action="/cases/{newer.pk}/unmerge"') >= 2
    assert "merged two cases into one" in page and "Still down" in page
    answer = priya.post(f"/cases/{newer.pk}/unmerge", **headers)
    assert where(answer) == f"/cases/{newer.pk}/"
    moved = f'id="m{newer.messages.get().pk}"'
    page = priya.get(f"/cases/{newer.pk}/").content.decode()
    assert moved in page
    assert moved not in priya.get(f"/cases/{older.pk}/").content.decode()
    assert "stands by itself again" in page and "un-merged the two cases" in page


def test_the_address_of_the_one_that_went_leads_to_the_survivor(
    priya: Client, desk: Desk, pair: tuple[Case, Case]
) -> None:
    older, newer = pair
    newer.merge_into(older, by=desk.dele)
    answer = priya.get(f"/cases/{newer.pk}/")
    assert answer["Location"] == f"/cases/{older.pk}/?merged={newer.pk}"
    page = priya.get(answer["Location"]).content.decode()
    assert f"{newer.reference} goes on here, as {older.reference}" in page
    assert "was merged into this case by Dele" in page
    assert signed_in(desk.ines).get(f"/cases/{newer.pk}/").status_code == 404


def test_an_open_tab_of_the_one_that_went_loses_no_words(
    priya: Client, desk: Desk, pair: tuple[Case, Case]
) -> None:
    older, newer = pair
    newer.merge_into(older, by=desk.dele)
    words = "I have been writing this answer for a long time."
    answer = priya.post(f"/cases/{newer.pk}/reply", {"text": words, "then": "rest"})
    assert answer.status_code == 409
    page = answer.content.decode()
    merged = f"{newer.reference} was merged into {older.reference}. Go on there."
    assert merged in page and words in page
    assert not older.messages.filter(direction="out").exists()
    for act in ("take", "rest", "note"):
        assert priya.post(f"/cases/{newer.pk}/{act}", {"text": "Hm"}).status_code == 409


def test_two_members_at_once_both_ways_merge_once(
    priya: Client, desk: Desk, pair: tuple[Case, Case]
) -> None:
    older, newer = pair
    merge(priya, newer, {"into": older.pk})
    late = merge(signed_in(desk.dele), older, {"into": newer.pk})
    assert late.status_code == 422
    assert "It must be one that you may see." in late.content.decode()
    stale = Case.objects.get(pk=older.pk)
    assert stale.merged_into is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Choose the case, or write its reference."),
        ({"reference": "HL-99999"}, "It must be one that you may see."),
        ({"reference": "{hidden}"}, "It must be one that you may see."),
        ({"reference": "{own}"}, "A case cannot be merged into itself."),
        ({"reference": "9" * 30}, "20 fit here"),
        ({"reference": "{daniels}"}, "Daniel Reyes"),
    ],
)
def test_a_refusal_says_why_and_keeps_what_was_typed(
    priya: Client,
    desk: Desk,
    pair: tuple[Case, Case],
    fields: dict[str, str],
    says: str,
    headers: dict[str, Any],
) -> None:
    hidden = desk.heard(text="Other team", team=desk.offices)
    daniels = desk.heard(desk.daniel, text="Mine too")
    names = {"hidden": hidden.reference, "own": pair[0].reference, "daniels": pair[0].reference}
    typed = {name: value.format(**names) for name, value in fields.items()}
    case = daniels if "daniels" in str(fields) else pair[0]
    answer = merge(priya, case, typed, **headers)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert says in page
    if len(typed.get("reference", "")) <= 20:
        assert f'value="{typed.get("reference", "")}"' in page
    assert not Case.objects.filter(merged_into__isnull=False).exists()


def test_the_member_says_that_another_customer_reads_along(
    priya: Client, desk: Desk, pair: tuple[Case, Case]
) -> None:
    daniels = desk.heard(desk.daniel, text="Mine too")
    form = priya.get(f"/cases/{daniels.pk}/merge").content.decode()
    assert "If the other case is not theirs, Daniel Reyes would too" in form
    answer = merge(priya, daniels, {"reference": pair[0].reference.lower(), "joins": "on"})
    assert answer.status_code == 302
    assert pair[0].participants.get(customer=desk.daniel).role == "copy"


def test_no_list_shows_or_counts_it_twice(
    priya: Client, desk: Desk, pair: tuple[Case, Case]
) -> None:
    older, newer = pair
    newer.merge_into(older, by=desk.priya)
    link = f'href="/cases/{newer.pk}/"'
    for url in ("/inbox/", "/promises/", "/today/", f"/customers/{desk.ellen.pk}/", "/customers/"):
        page = priya.get(url).content.decode()
        assert link not in page and f"?case={newer.pk}" not in page, url
    customer = priya.get(f"/customers/{desk.ellen.pk}/").content.decode()
    assert '<span class="count">1</span>' in customer


def test_undoing_twice_is_told(priya: Client, desk: Desk, pair: tuple[Case, Case]) -> None:
    older, newer = pair
    newer.merge_into(older, by=desk.priya)
    priya.post(f"/cases/{newer.pk}/unmerge")
    again = priya.post(f"/cases/{newer.pk}/unmerge")
    assert again.status_code == 409
    assert "It stands by itself already." in again.content.decode()
