"""The bell, the list, what is seen, and the toast, with and without HTMX."""

from typing import Any

from django.test import Client
from django.urls import reverse

from goodword.notifying.models import Notification
from goodword.notifying.telling import catch_up
from tests.cast import Desk
from tests.desk.conftest import signed_in


def page(client: Client, path: str = "/notifications/", **headers: Any) -> str:
    answer = client.get(path, **headers)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_list_is_grouped_by_case_and_leads_to_the_message(desk: Desk, priya: Client) -> None:
    case = desk.heard(title="Server down")
    message = case.hear(desk.ellen, "Still down, words of mine.")
    catch_up()
    html = page(priya)
    assert html.count("Server down</a>") == 1
    assert f"/messages/{message.pk}/" in html
    assert "words of mine" not in html
    assert priya.get(f"/messages/{message.pk}/").status_code in (200, 302)


def test_opening_the_case_is_seeing_what_was_told_of_it(desk: Desk, priya: Client) -> None:
    case, other = desk.heard(), desk.heard(desk.daniel)
    catch_up()
    page(priya, case.get_absolute_url())
    assert [row.case_id for row in Notification.objects.unseen()] == [other.pk]
    assert "You have seen all" not in page(priya)


def test_all_seen_and_its_undo(desk: Desk, priya: Client, headers: dict[str, Any]) -> None:
    desk.heard()
    desk.heard(desk.daniel)
    catch_up()
    priya.post("/notifications/seen/", **headers)
    assert not Notification.objects.unseen().exists()
    html = page(priya)
    assert "Nothing new" in html and "2 notifications are seen" in html
    undo = html.partition('action="/notifications/unseen/')[2].partition('"')[0]
    priya.post(f"/notifications/unseen/{undo}".replace("&amp;", "&"))
    assert Notification.objects.unseen().count() == 2


def test_nobody_marks_what_another_was_told(desk: Desk) -> None:
    desk.heard()
    catch_up()
    row = Notification.objects.get()
    signed_in(desk.dele).post("/notifications/seen/", {"pk": row.pk})
    signed_in(desk.dele).post("/notifications/unseen/?at=2026-13-45")
    assert Notification.objects.unseen().count() == 1


def test_the_bell_counts_in_the_question_that_is_asked_anyway(desk: Desk, priya: Client) -> None:
    desk.heard()
    catch_up()
    assert 'class="count">1<span class="sr"> unseen' in page(priya, reverse("side"))


def test_an_urgent_one_is_shown_once_on_an_open_page(desk: Desk) -> None:
    case = desk.heard()
    catch_up()
    dele = signed_in(desk.dele)
    assert "toast" not in page(dele, "/notifications/urgent/?after=0")
    case.note("@dele have you seen this?", by=desk.priya)
    catch_up()
    told = page(dele, "/notifications/urgent/?after=0")
    assert "Priya Raman called you to a note about Ellen Whitcombe" in told
    after = Notification.objects.order_by("-pk")[0].pk
    assert f"after={after}" in told
    assert "toast" not in page(dele, f"/notifications/urgent/?after={after}")


def test_what_may_not_be_seen_any_more_leaves_the_list(desk: Desk) -> None:
    case = desk.heard(title="Server down")
    case.watch(desk.ines, by=desk.priya)
    catch_up()
    ines = signed_in(desk.ines)
    assert "Server down" in page(ines)
    case.unwatch(desk.ines, by=desk.priya)
    assert "Server down" not in page(ines)
