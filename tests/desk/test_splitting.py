"""Splitting on the screens, and links to a message that lead to where it is now."""

from typing import Any

from django.test import Client

from goodword.cases.models import Case
from tests.cast import Desk
from tests.desk.conftest import signed_in


def where(answer: Any) -> str:
    return str(answer.get("HX-Redirect") or answer["Location"])


def test_split_and_put_back(desk: Desk, priya: Client, headers: dict[str, Any]) -> None:
    case = desk.heard(text="The server is down.")
    other = case.hear(desk.ellen, "Our invoice is wrong.")
    form = priya.get(f"/cases/{case.pk}/split?message={other.pk}", **headers).content.decode()
    assert f'value="{other.pk}" checked' in form
    answer = priya.post(f"/cases/{case.pk}/split", {"message": other.pk}, **headers)
    new = Case.objects.latest("pk")
    assert where(answer) == f"/cases/{new.pk}/"
    page = priya.get(f"/cases/{new.pk}/").content.decode()
    assert f'action="/cases/{new.pk}/unsplit"' in page
    # A trace stays where it stood, and a link of old finds it.
    page = priya.get(f"/cases/{case.pk}/").content.decode()
    assert f'<span id="m{other.pk}">' in page and f'href="/cases/{new.pk}/"' in page
    answer = priya.post(f"/cases/{new.pk}/unsplit", **headers)
    assert where(answer) == f"/cases/{case.pk}/"
    page = priya.get(f"/cases/{case.pk}/").content.decode()
    assert page.count(f'id="m{other.pk}"') == 1
    assert f"Put back into {case.reference}." in page


def test_a_refused_split_keeps_what_was_chosen(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard(text="The server is down.")
    message = desk.last(case)
    answer = priya.post(f"/cases/{case.pk}/split", {"message": message.pk}, **headers)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "One of their messages has to stay" in page and "checked" in page
    assert priya.post(f"/cases/{case.pk}/unsplit", **headers).status_code == 409


def test_the_customers_page_says_where_it_goes_on(desk: Desk, client: Client) -> None:
    case = desk.heard(text="The server is down.")
    other = case.hear(desk.ellen, "Our invoice is wrong.")
    case.split([other.pk], by=desk.priya)
    page = client.get(desk.link(case).path).content.decode()
    assert "What was said about “Our invoice is wrong.” goes on by itself" in page
    assert page.count("Our invoice is wrong.") == 1


def test_a_link_to_a_message_leads_to_where_it_is_now(desk: Desk, priya: Client) -> None:
    case = desk.heard(text="The server is down.")
    message = desk.last(case)
    link = f"/messages/{message.pk}/"
    page = priya.get(f"/cases/{case.pk}/").content.decode()
    assert f'href="{link}"' in page
    assert where(priya.get(link)) == f"/cases/{case.pk}/#m{message.pk}"
    other = desk.heard(text="Still down.")
    case.merge_into(other, by=desk.priya)
    assert where(priya.get(link)) == f"/cases/{other.pk}/#m{message.pk}"
    for number in range(30):
        other.note(f"Note {number}", by=desk.priya)
    assert where(priya.get(link)) == f"/cases/{other.pk}/?messages=32#m{message.pk}"
    assert signed_in(desk.ines).get(link).status_code == 404


def test_print_shows_everything_and_notes_only_when_asked(desk: Desk, priya: Client) -> None:
    case = desk.heard(text="The server is down.", fields={"quoted": "Older words"})
    case.note("She sounds cross.", by=desk.priya)
    page = priya.get(f"/cases/{case.pk}/print").content.decode()
    assert "The server is down." in page and '<details class="quoted" open>' in page
    assert "She sounds cross." not in page
    page = priya.get(f"/cases/{case.pk}/print?notes=1").content.decode()
    assert "She sounds cross." in page
