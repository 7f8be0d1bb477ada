"""Tags, snoozes, watchers, mentions, notices and several at once, through the screens."""

import re
from typing import Any

import pytest
from django.test import Client

from goodword.cases.models import BulkAct, Case, MemberMention, Notice, OutgoingMessage, Tag
from goodword.people.meeting import customer_of
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.desk.test_inbox import titles


def undo_of(html: str) -> str:
    """Where the Undo of the toast posts to."""
    toast = html[html.index('class="toast"') :]
    found = re.search(r'action="([^"]+)"', toast)
    assert found, toast[:400]
    return found.group(1).replace("&amp;", "&")


def act(client: Client, url: str, headers: dict[str, Any], **fields: Any) -> str:
    """POST as a form or as HTMX, and the page or toast that answers."""
    answer = client.post(url, fields, follow=not headers, **headers)
    assert answer.status_code == 200, answer.content[:300]
    return str(answer.content.decode())


def test_a_tag_goes_on_is_found_and_comes_off_again(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.heard(title="Tagged one")
    desk.heard(desk.daniel, title="Another")
    html = act(priya, f"/cases/{case.pk}/tag", headers, name="Line down")
    undo = undo_of(html)
    page = priya.get("/inbox/?tag=line-down").content.decode()
    assert titles(page) == ["Tagged one"] and "tag:line-down" in page
    html = act(priya, undo, headers)
    assert titles(priya.get("/inbox/?tag=line-down").content.decode()) == []
    act(priya, undo_of(html), headers)
    assert case.taggings.count() == 1
    assert "Line down" in priya.get(f"/cases/{case.pk}/").content.decode()


def test_a_refused_tag_keeps_the_page_and_says_why(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    answer = priya.post(f"/cases/{case.pk}/tag", {"name": "!!!"})
    assert answer.status_code == 422
    assert "Write the tag’s name" in answer.content.decode()


def test_a_snooze_is_offered_until_our_promise_and_undone(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.answered(desk.heard(title="Sleeps"))
    form = priya.get(f"/cases/{case.pk}/snooze", **headers).content.decode()
    promise = desk.promise(case, "callback")
    assert f'value="promise:{promise.pk}"' in form and "Back at Fri 11:33" in form
    html = act(priya, f"/cases/{case.pk}/snooze", headers, until=f"promise:{promise.pk}")
    assert titles(priya.get("/inbox/").content.decode()) == []
    inbox = priya.get("/inbox/?tab=snoozed").content.decode()
    assert titles(inbox) == ["Sleeps"] and 'Snoozed <span class="count">1</span>' in inbox
    assert "Snoozed until Fri 11:33" in priya.get(f"/cases/{case.pk}/").content.decode()
    back = act(priya, undo_of(html), headers)
    assert titles(priya.get("/inbox/").content.decode()) == ["Sleeps"]
    act(priya, undo_of(back), headers)
    assert titles(priya.get("/inbox/").content.decode()) == []


def test_a_snooze_past_a_promise_asks_once_and_keeps_what_was_chosen(
    desk: Desk, priya: Client, headers: dict[str, Any]
) -> None:
    case = desk.answered()
    fields = {"until": "at", "due": "2026-11-24T10:00"}
    answer = priya.post(f"/cases/{case.pk}/snooze", fields, **headers)
    html = answer.content.decode()
    assert answer.status_code == 409 and "I call you" in html and 'name="beyond"' in html
    assert 'value="2026-11-24T10:00"' in html
    act(priya, f"/cases/{case.pk}/snooze", headers, **fields, beyond="1")
    assert Case.objects.get().snoozed_until is not None


def test_who_waits_for_an_answer_is_not_snoozed(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    answer = priya.post(f"/cases/{case.pk}/snooze", {"until": "at", "due": "2026-11-24T10:00"})
    assert answer.status_code == 409
    assert "stays ours to move" in answer.content.decode()


def test_three_chosen_are_handed_over_and_taken_back(desk: Desk, priya: Client) -> None:
    cases = [desk.heard(customer_of(f"c{n}@c.example", f"C {n}")) for n in range(3)]
    chosen = {"case": [case.pk for case in cases], "next": "/inbox/?sort=newest"}
    ask = priya.post("/inbox/several", {**chosen, "act": "hand"})
    assert ask.status_code == 200 and "C 2" in ask.content.decode()
    fields = {**chosen, "act": "hand", "asked": "1", "member": desk.dele.pk}
    done = priya.post("/inbox/several", fields, follow=True)
    assert done.redirect_chain == [("/inbox/?sort=newest", 302)]
    assert Case.objects.filter(handing_to=desk.dele).count() == 3
    html = done.content.decode()
    assert "Done for 3 cases." in html
    html = priya.post(undo_of(html), follow=True).content.decode()
    assert "Undone for 3 cases." in html
    assert not Case.objects.filter(handing_to=desk.dele).exists()


def test_what_was_refused_says_so_case_by_case(desk: Desk, priya: Client) -> None:
    one, two = desk.heard(title="Free"), desk.heard(desk.daniel, title="Taken")
    two.take(by=desk.dele)
    fields = {"case": [one.pk, two.pk], "act": "take"}
    html = priya.post("/inbox/several", fields, follow=True).content.decode()
    assert "1 of 2 done." in html and "Somebody else took this case a moment ago." in html
    assert "Undo for all" in html


def test_many_go_on_page_by_page(desk: Desk, priya: Client) -> None:
    cases = [desk.heard(customer_of(f"c{n}@c.example", f"C {n}")).pk for n in range(30)]
    html = priya.post("/inbox/several", {"case": cases, "act": "watch"}, follow=True)
    assert "25 of 30 so far." in html.content.decode()
    bulk = BulkAct.objects.get()
    html = priya.post(f"/several/{bulk.pk}/go", follow=True)
    assert "30 of 30 done." in html.content.decode()


def test_nothing_chosen_is_said_and_loses_nothing(desk: Desk, priya: Client) -> None:
    for fields in ({"act": "take"}, {"act": "nonsense", "case": "1"}, {"case": "x", "act": "tag"}):
        html = priya.post("/inbox/several", fields, follow=True).content.decode()
        assert "Choose the cases first" in html
    case = desk.heard()
    asked = {"case": case.pk, "act": "tag", "asked": "1", "name": ""}
    assert priya.post("/inbox/several", asked).status_code == 422


def test_a_notice_is_prepared_by_an_agent_and_signed_by_a_leader(desk: Desk, priya: Client) -> None:
    one, two = desk.heard(), desk.heard(desk.daniel)
    chosen = {"case": [one.pk, two.pk], "act": "notice"}
    assert "Prepare it for a leader" in priya.post("/inbox/several", chosen).content.decode()
    short = priya.post("/notices/new", {**chosen, "text": "", "until": "at", "due": ""})
    assert short.status_code == 422
    fields = {**chosen, "text": "The line is down.", "until": "at", "due": "2026-11-20T10:00"}
    html = priya.post("/notices/new", fields, follow=True).content.decode()
    notice = Notice.objects.get()
    assert "Sign it and send" not in html and not OutgoingMessage.objects.exists()
    jonas = signed_in(desk.jonas)
    assert "A notice waits for your signature" in jonas.get("/today/").content.decode()
    html = jonas.get(f"/notices/{notice.pk}/").content.decode()
    read = re.search(r'name="read" value="(\w+)"', html)
    assert read and "cannot be called back" in html
    html = jonas.post(f"/notices/{notice.pk}/sign", {"read": read.group(1)}, follow=True)
    assert "Done for 2 cases." in html.content.decode()
    assert OutgoingMessage.objects.filter(message__member=desk.jonas).count() == 2
    again = jonas.post(f"/notices/{notice.pk}/sign", {"read": read.group(1)})
    assert again.status_code == 302 and OutgoingMessage.objects.count() == 2
    page = signed_in(desk.priya).get(f"/cases/{one.pk}/").content.decode()
    assert "Notice to many" in page


def test_a_discarded_notice_comes_back_by_its_undo(desk: Desk, priya: Client) -> None:
    case = desk.heard()
    fields = {"case": case.pk, "text": "Down.", "until": "at", "due": "2026-11-20T10:00"}
    html = priya.post("/notices/new", fields, follow=True).content.decode()
    html = priya.post(undo_of(html), follow=True).content.decode()
    assert Notice.objects.get().discarded_at
    priya.post(undo_of(html))
    assert Notice.objects.get().is_open


def test_a_note_that_calls_an_outsider_offers_to_let_them_see(desk: Desk, priya: Client) -> None:
    case = desk.answered(desk.heard(title="Look at this"))
    priya.post(f"/cases/{case.pk}/note", {"text": "Is it yours, @ines? <b>@dele</b>"})
    html = priya.get(f"/cases/{case.pk}/").content.decode()
    assert '<span class="called">@ines</span>' in html
    assert "&lt;b&gt;<span" in html
    assert "Ines Costa was called in a note and does not see this case" in html
    ines = signed_in(desk.ines)
    assert ines.get(f"/cases/{case.pk}/").status_code == 404
    priya.post(f"/cases/{case.pk}/watch", {"member": desk.ines.pk})
    assert titles(ines.get("/inbox/?tab=mentions").content.decode()) == ["Look at this"]
    today = ines.get("/today/").content.decode()
    assert "called you to a note" in today
    html = ines.get(f"/cases/{case.pk}/").content.decode()
    assert "You watch this case" in html
    assert MemberMention.objects.get(member=desk.ines).seen_at is not None
    assert "called you to a note" not in ines.get("/today/").content.decode()
    assert titles(ines.get("/inbox/").content.decode()) == []


def test_a_watcher_leaves_a_note_and_does_nothing_else(desk: Desk) -> None:
    case = desk.answered()
    case.watch(desk.ines, by=desk.priya)
    ines = signed_in(desk.ines)
    entries = case.entries.count()
    for name in ("reply", "call", "take", "tag", "snooze", "team", "rest", "offer"):
        answer = ines.post(f"/cases/{case.pk}/{name}", {"text": "Hello", "name": "X"})
        assert answer.status_code == 403, name
        assert "IT support works on it" in answer.content.decode()
    assert case.entries.count() == entries
    assert ines.post(f"/cases/{case.pk}/note", {"text": "We had that too."}).status_code == 302
    html = ines.post(f"/cases/{case.pk}/unwatch", {}, follow=True).content.decode()
    assert "no longer watches it" in html


def test_at_offers_whom_it_may_call(desk: Desk, priya: Client) -> None:
    case = desk.answered()
    rows = priya.get(f"/cases/{case.pk}/mentionable?q=").json()["rows"]
    assert {row["handle"]: row["sees"] for row in rows}["ines"] is False
    assert rows[-1]["sees"] is False and "priya" not in {row["handle"] for row in rows}
    [dele] = priya.get(f"/cases/{case.pk}/mentionable?q=del").json()["rows"]
    assert dele == {"handle": "dele", "name": "Dele Adeyemi", "sees": True}


@pytest.mark.parametrize("who", ["marta", "jonas", "olu"])
def test_leads_and_operators_keep_tags_in_order(desk: Desk, who: str) -> None:
    keeper = signed_in(getattr(desk, who))
    keeper.post("/settings/tags/", {"name": "Outage"})
    outage = Tag.objects.get()
    down = Tag.make("Down", by=desk.priya)
    change = {"name": "Dead & <b>gone</b>", "hue": "12", "seen": "Down"}
    html = keeper.post(f"/settings/tags/{down.pk}/change", change, follow=True).content.decode()
    assert "Dead &amp; &lt;b&gt;gone" in html
    keeper.post(undo_of(html))
    assert Tag.objects.get(pk=down.pk).name == "Down"
    html = keeper.post(f"/settings/tags/{down.pk}/merge", {"into": outage.pk}, follow=True)
    assert "stands for Outage" in html.content.decode()
    keeper.post(undo_of(html.content.decode()))
    html = keeper.post(f"/settings/tags/{down.pk}/retire", follow=True).content.decode()
    keeper.post(undo_of(html))
    assert Tag.objects.in_use().count() == 2
    again = keeper.post("/settings/tags/", {"name": "outage"})
    assert again.status_code == 409 and 'value="outage"' in again.content.decode()


def test_other_members_are_told_who_keeps_them(desk: Desk, priya: Client) -> None:
    answer = priya.get("/settings/tags/")
    assert answer.status_code == 403
    assert "Leads and operators" in answer.content.decode()
