"""The customer’s pen over HTTP: what they hold, choose, forgive and remember, and its limits."""

import pytest
from django.test import Client

from goodword.cases.models import Case, CaseLink, Recollection
from goodword.cases.waiting import ask_and_pause
from goodword.promises.models import Dispute, Promise
from goodword.worker.tick import tick
from tests.cast import Desk, london


def post(client: Client, link: CaseLink, act: str, **fields: str) -> str:
    answer = client.post(f"{link.path}{act}/", fields, follow=True)
    return answer.content.decode()


def with_work(desk: Desk) -> tuple[Case, Promise]:
    desk.at("2026-11-19 10:00")
    word = {"kind": "task_done", "text": "The disk is new", "form": "within:240"}
    case = desk.answered(promises=[word])
    return case, desk.promise(case, "task_done")


def test_the_question_stands_on_the_page_and_dont_wait_ends_the_pause(
    desk: Desk, client: Client
) -> None:
    case, promise = with_work(desk)
    ask_and_pause(promise, "Which disk?", by=desk.priya)
    link = desk.link(case)
    page = client.get(link.path).content.decode()
    assert page.count("Which disk?") >= 2 and "Don’t wait for me" in page
    desk.at("2026-11-19 12:00")
    page = post(client, link, "go-on")
    assert "We go on without it." in page
    promise.refresh_from_db()
    assert (promise.paused_at, promise.breaks_at) == (None, london("2026-11-19 16:00"))
    assert "we waited for you for 2 h 00 of our opening hours" in page
    assert client.post(f"{link.path}go-on/").status_code == 409


def test_warned_they_hold_us_to_it(desk: Desk, client: Client) -> None:
    case, promise = with_work(desk)
    promise.forewarn(case.messages.get(direction="out"), by=desk.priya)
    link = desk.link(case)
    assert "I hold you to it" in client.get(link.path).content.decode()
    assert "You hold us to it." in post(client, link, f"hold/{promise.pk}")
    assert client.post(f"{link.path}hold/{promise.pk}/").status_code == 409


def test_lateness_is_forgiven_and_stays_counted(desk: Desk, client: Client) -> None:
    case, promise = with_work(desk)
    desk.at("2026-11-19 16:00")
    tick()
    link = desk.link(case)
    assert "You let the lateness go." in post(client, link, f"forgive/{promise.pk}")
    promise.refresh_from_db()
    assert (promise.state, promise.broken_at is not None) == ("broken", True)
    assert Case.objects.get(pk=case.pk).has_broken


def test_what_fell_away_says_why(desk: Desk, client: Client) -> None:
    case, promise = with_work(desk)
    promise.void("need_withdrawn", by="system")
    page = client.get(desk.link(case).path).content.decode()
    assert "no longer needed" in page and promise.text in page


@pytest.mark.parametrize("act", ["told", "go-on", "not-happened", "hold", "forgive"])
def test_who_reads_along_has_no_pen(desk: Desk, client: Client, act: str) -> None:
    case, promise = with_work(desk)
    case.participants.create(customer=desk.daniel, role="copy")
    link = desk.link(case, desk.daniel)
    path = act if act in ("told", "go-on") else f"{act}/{promise.pk}"
    answer = client.post(f"{link.path}{path}/", {"told": "A pony", "told_where": "phone"})
    assert answer.status_code in (403, 404)
    assert not Recollection.objects.exists() and not Dispute.objects.exists()


def test_about_something_else_it_opens_a_case_of_its_own(desk: Desk, client: Client) -> None:
    case = desk.answered()
    fields = {"told": "A key for the back door", "told_where": "counter", "elsewhere": "1"}
    for _twice in range(2):
        answer = client.post(f"{desk.link(case).path}told/", fields)
    row = Recollection.objects.get()
    new = row.case
    assert new.pk != case.pk and new.customer == desk.ellen
    assert new.promises.open().filter(kind="acknowledge").exists()
    assert answer.headers["Location"].startswith(desk.link(new).path)


def test_what_was_typed_comes_back(desk: Desk, client: Client) -> None:
    link = desk.link(desk.answered())
    fields = {"told": "A pony", "told_where": "phone", "told_when": "tomorrow", "told_by": "Tom"}
    answer = client.post(f"{link.path}told/", fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'value="A pony"' in page and 'value="Tom"' in page and "Choose a day and a time." in page
