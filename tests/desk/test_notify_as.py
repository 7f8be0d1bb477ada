"""How a member is told: the page of it, without a script."""

import json
from typing import Any

import pytest
from django.test import Client

from goodword.journal.models import Entry
from goodword.notifying.models import Channel, Preferences
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.notifying.listening import Browser, listening

TICKED = 'checked aria-describedby="way-'
AS_IT_IS = {"digest": "daily", "quiet_from": "20:00", "quiet_until": "07:00"}


def test_boxes_are_kept_and_noted(desk: Desk, priya: Client) -> None:
    typed = {**AS_IT_IS, "ways-new": ["page", "made-up"], "shows_more": "1", "quiet_from": "21:30"}
    assert priya.post("/me/notifications/", typed).status_code == 302
    kept = Preferences.objects.get(member=desk.priya)
    assert kept.wants("new") == {"page"} and kept.wants("wrote") == frozenset()
    assert kept.shows_more and f"{kept.quiet_from:%H:%M}" == "21:30"
    assert Entry.objects.filter(kind="notify_changed", member=desk.priya).count() == 1
    html = priya.get("/me/notifications/").content.decode()
    assert html.count(TICKED) == 1 and 'value="21:30"' in html


@pytest.mark.parametrize(
    "wrong", [{"digest": "often"}, {"quiet_until": ""}, {"quiet_from": "25:99"}]
)
def test_what_makes_no_sense_comes_back_as_typed(priya: Client, wrong: dict[str, str]) -> None:
    answer = priya.post("/me/notifications/", {**AS_IT_IS, "ways-new": ["mail"], **wrong})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert 'id="refusal"' in html and html.count(TICKED) == 1
    assert not Preferences.objects.exists()


def test_a_service_is_added_tried_and_removed(desk: Desk, priya: Client, settings: Any) -> None:
    settings.PUSH_PRIVATE = True
    with listening() as ear:
        url = f"json://127.0.0.1:{ear.port}/secret-token"
        priya.post("/me/notifications/services/", {"url": url, "name": "My  phone"})
        channel = Channel.objects.get()
        html = priya.post(f"/me/channels/{channel.pk}/try/", follow=True).content.decode()
        assert "It was sent" in html and "My phone" in html and "secret-token" not in html
        assert ear.said[0]["title"] == "This is how the desk tells you"
    html = priya.post(f"/me/channels/{channel.pk}/try/", follow=True).content.decode()
    assert "did not answer" in html
    priya.post(f"/me/channels/{channel.pk}/remove/")
    channel.refresh_from_db()
    assert channel.ended_at and channel.closed == ""
    assert priya.post(f"/me/channels/{channel.pk}/try/").status_code == 404


def test_a_wrong_address_comes_back_with_what_was_typed(priya: Client) -> None:
    answer = priya.post("/me/notifications/services/", {"url": "ntfi://topic", "name": "Mine"})
    html = answer.content.decode()
    assert answer.status_code == 422 and "ntfi://topic" in html and "No service is known" in html


def test_nobody_tries_or_removes_what_is_anothers(desk: Desk, priya: Client) -> None:
    priya.post("/me/notifications/services/", {"url": "ntfy://topic"})
    channel = Channel.objects.get()
    dele = signed_in(desk.dele)
    assert dele.post(f"/me/channels/{channel.pk}/try/").status_code == 404
    assert dele.post(f"/me/channels/{channel.pk}/remove/").status_code == 404
    assert Channel.objects.standing().exists()


def test_a_browser_is_added_by_its_script(priya: Client, settings: Any) -> None:
    settings.PUSH_PRIVATE = True
    with listening() as ear:
        typed = {"subscription": json.dumps(Browser(ear).subscription)}
        assert priya.post("/me/notifications/browsers/", typed).status_code == 200
    assert Channel.objects.get().way == "browser"
    for wrong in ("", "{}", "[]", "nonsense"):
        answer = priya.post("/me/notifications/browsers/", {"subscription": wrong})
        assert answer.status_code == 422 and answer.json()["said"]


def test_the_worker_lies_where_its_scope_is_the_whole_desk(priya: Client) -> None:
    answer = priya.get("/push-worker.js")
    assert answer["Content-Type"].startswith("text/javascript")
    assert b"showNotification" in answer.content
