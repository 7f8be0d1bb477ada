"""R02 and R74 on every path: screens, command line, intake.

No act takes an unanswered customer's case out of “ours to move” but answering, “needs no
answer”, “not a customer”, and the customer; and none but the customer settles.
"""

from typing import Any

import pytest
from django.test import Client

from goodword.cases import several
from goodword.cases.duty import put_on_duty
from goodword.cases.leaving import revoke
from goodword.cases.models import BulkAct, Case, FoundPromise, Scheduled
from goodword.cases.states import Move
from goodword.channels.mail.models import IncomingMail
from goodword.people.meeting import customer_of
from goodword.promises.models import Promise
from goodword.worker.tick import tick
from tests.cast import Desk, london
from tests.desk.conftest import signed_in
from tests.desk.routes import routes
from tests.mail.letters import SUPPORT, case_of, delivered, header_id, letter

ANSWERS = {"day_send", "case_reply", "case_call", "later_send", "promise_warn", "promise_write"}
PUTS_ASIDE = {"case_rest", "case_aside"}
THE_CUSTOMERS = {"portal_settled", "portal_withdraw"}
# The case is part of another then, which is ours: tests/cases/test_merging.py
MERGES = {"case_merge", "case_split"}
MARKS = {"case_mark"}  # the customer's own words, proved in tests/desk/test_acting.py
NOT_OF_A_CASE = {
    "case_new", "new_words", "promise_new", "customer_pin", "customer_unpin",
    "customer_reach", "customer_unreach", "customer_first", "customer_works", "customer_date",
    "customer_merge", "customers_apart", "customer_erase", "customer_new", "customer_edit",
    "import_new", "mail_retry", "mail_from_person", "copy_send", "rule_end", "journal_verify",
    "operator_bring_back",
}  # fmt: skip
# What a person would send; `{…}` are ids of the case that the test makes.
SENT: dict[str, dict[str, str]] = {
    "day_draft": {"line": "{case}", "received-{case}": "Half a li"},
    "case_leave": {"who": "{dele}", "why": "She is on a plane."},
    "case_leave_undo": {},
    "day_close": {},
    "day_open_again": {},
    "case_note": {"text": "Looks like the switch."},
    "case_compose": {"text": "Half a li"},
    "case_articles": {"article": "1"},
    "case_draft": {"text": "Half a li"},
    "case_words": {"text": "I'll call you tomorrow by 10."},
    "found": {},
    "found_dismiss": {},
    "found_offer": {},
    "case_files": {},
    "case_preview": {"text": "Half a li"},
    "take_back": {},
    "later_cancel": {},
    "later_resume": {},
    "later_edit": {},
    "case_take": {},
    "case_accept": {},
    "case_decline": {},
    "case_offer": {"member": "{dele}"},
    "case_team": {"team": "{offices}"},
    "case_wake": {},
    "case_back": {},
    "case_let_in": {"customer": "{stranger}"},
    "case_part": {"customer": "{stranger}"},
    "case_shut_out": {"customer": "{reader}"},
    "case_new_link": {},
    "case_pin": {"text": "Deaf in one ear."},
    "case_unpin": {},
    "case_again": {"copy": "1"},
    "case_presence": {"writing": "1"},
    "case_unmerge": {},
    "case_unsplit": {},
    "case_side": {"address": "sales@kestrel.example", "subject": "Lamp", "text": "When?"},
    "case_side_write": {"text": "And now?"},
    "promise_keep": {"evidence": "Rang her."},
    "promise_move": {"due": "2026-11-24T10:00", "reason": "Ill"},
    "promise_answer": {"answer": "yes"},
    "promise_hand": {"member": "{dele}"},
    "promise_accept": {},
    "promise_decline": {},
    "promise_pause": {"question": "Which one?"},
    "promise_resume": {},
    "case_tag": {"name": "Outage"},
    "case_untag": {},
    "case_retag": {},
    "case_snooze": {"until": "at", "due": "2026-11-20T09:00", "beyond": "1"},
    "case_unsnooze": {},
    "case_watch": {},
    "case_unwatch": {},
    "portal_say": {"words": "And the printer."},
    "portal_language": {"language": "de"},
    "portal_mayday": {},
    "case_mayday": {},
    "case_mayday_take": {},
    "case_mayday_back": {},
    "case_mayday_down": {"reason": "It runs again."},
    "case_mayday_again": {},
    "portal_call": {"number": "020 7946 0142"},
    "portal_not_yet": {"missing": "All of it."},
    "portal_undo": {},
    "portal_another_time": {"to": "2026-11-24T10:00"},
    "portal_agree": {},
    "portal_decline": {},
    "portal_release": {},
    "portal_forgive": {},
    "portal_hold": {},
    "portal_not_happened": {"why_not": "Nobody rang."},
    "portal_happened": {},
    "portal_go_on": {},
    "portal_told": {"told": "A spare battery", "told_where": "phone"},
    "portal_mistaken": {},
    "portal_other_time": {},
    "portal_no_other_time": {},
}


def posts() -> set[str]:
    """Every route that a POST may reach, as far as a case can be touched through it."""
    places = ("/cases/", "/promises/", "/customers/", "/operator/", "/c/",
              "/later/", "/messages/", "/found/", "/day/")  # fmt: skip
    reads = {"case", "case_head", "case_thread", "case_rail", "case_print", "case_hand",
             "case_present", "case_mentionable", "promises", "promises_part",
             "promise", "customers", "customer", "operating", "mailbox", "portal",
             "portal_file", "portal_picture", "message", "message_html", "case_people",
             "case_blocks", "case_strands", "case_other_draft", "customers_csv",
             "ledger_csv", "ledger_json", "promise_honest",
             "doubles", "day", "day_part", "days_before"}  # fmt: skip
    return {route.name for route in routes() if route.path.startswith(places)} - reads


def test_every_act_on_a_case_is_declared() -> None:
    declared = set(SENT) | MERGES | ANSWERS | PUTS_ASIDE | THE_CUSTOMERS | MARKS | NOT_OF_A_CASE
    assert posts() == declared


@pytest.mark.parametrize("doing", sorted(set(several.WAYS) - {"rest", "notice"}))
def test_no_act_on_several_leaves_an_unanswered_customer_behind(desk: Desk, doing: str) -> None:
    """“They need no answer” is said one by one, on a page that names who waits."""
    case, _promise, ids = unanswered(desk)
    fields = {"act": doing, "asked": "1", "case": [case.pk], "member": ids["dele"],
              "team": ids["offices"], "name": "Outage", "until": "at", "due": "2026-11-20T09:00",
              "beyond": "1"}  # fmt: skip
    signed_in(desk.priya).post("/inbox/several", fields)
    act = BulkAct.objects.get()
    assert act.steps.get().code == ("unanswered_customer" if doing == "snooze" else "")
    is_ours(case)
    signed_in(desk.priya).post(f"/several/{act.pk}/undo")
    is_ours(case)


@pytest.mark.parametrize("name", sorted(SENT))
def test_no_act_on_a_screen_leaves_an_unanswered_customer_behind(desk: Desk, name: str) -> None:
    case, promise, ids = unanswered(desk)
    path = next(route.path for route in routes() if route.name == name)
    target = str(promise.pk if path.startswith("/promises/") or "/c/" in path else case.pk)
    target = {"take_back": ids["answer"]}.get(name, target)
    target = ids["later"] if path.startswith("/later/") else target
    target = ids["found"] if path.startswith("/found/") else target
    path = path.replace("<int:pk>", target).replace("<str:token>", desk.link(case).token)
    fields = {field.format(**ids): value.format(**ids) for field, value in SENT[name].items()}
    actor = Client() if path.startswith("/c/") else signed_in(desk.priya)
    assert actor.post(path, fields).status_code < 500
    is_ours(case)


@pytest.mark.parametrize("name", sorted(set(SENT) | ANSWERS | PUTS_ASIDE))
def test_nobody_of_ours_settles_by_any_act(desk: Desk, name: str) -> None:
    case = desk.asked()
    path = next(route.path for route in routes() if route.name == name)
    if path.startswith("/c/"):
        return
    pk = case.promises.order_by("id")[0].pk if path.startswith("/promises/") else case.pk
    fields = {"state": "settled", "then": "settle", "text": "Settled.", "reason": "settled"}
    for who in (desk.priya, desk.marta, desk.jonas):
        signed_in(who).post(path.replace("<int:pk>", str(pk)), fields)
        assert Case.objects.get(pk=case.pk).state != "settled"


def test_no_command_leaves_an_unanswered_customer_behind(desk: Desk) -> None:
    case, _promise, _ids = unanswered(desk)
    put_on_duty(desk.support, desk.dele, by="system")
    is_ours(case)
    revoke(Case.objects.get(pk=case.pk).owner, by=desk.jonas)
    is_ours(case)
    for _week in range(10):
        desk.later(days=7)
        tick()
        is_ours(case)


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied", "subject": "Out of office"},
        {"Precedence": "bulk"},
        {"List_Id": "<news.else.example>"},
        {"sender": "Dele <dele@harbourlane.example>"},
        {"sender": "Eve <eve@elsewhere.example>"},
    ],
)
def test_no_mail_leaves_an_unanswered_customer_behind(desk: Desk, headers: dict[str, Any]) -> None:
    """Another machine, a list, a colleague or a stranger in the thread."""
    first = letter()
    case = case_of(first)
    delivered(letter(text="I am away.", References=header_id(first), **headers), SUPPORT)
    assert IncomingMail.objects.count() == 2
    is_ours(case)


def unanswered(desk: Desk) -> tuple[Case, Promise, dict[str, str]]:
    """A case with a promise of ours, a reader, a stranger, and a word that nobody answered."""
    case = desk.answered(text="I'll call you on Monday by 10.")
    found = FoundPromise.objects.get()
    case.hear(desk.ellen, "And now it smells of smoke.")
    reader = customer_of("boss@whitcombe.example", "Boss Whitcombe")
    case.participants.create(customer=reader, role="copy")
    stranger = customer_of("eve@elsewhere.example", "Eve")
    case.hear(stranger, "Let me in.", is_confirmed=False)
    promise = desk.promise(case, "callback")
    promise.ask_to_move(london("2026-11-23 10:00"), by=desk.ellen)
    ids = {"dele": desk.dele.pk, "offices": desk.offices.pk, "reader": reader.pk}
    later = Scheduled.write(
        case, by=desk.priya, at=london("2026-11-20 10:00"), text="Later", then="promise",
        seen=case.newest_message_id(),
    )  # fmt: skip
    answer = case.messages.get(direction="out")
    ids |= {"case": case.pk, "stranger": stranger.pk, "later": later.pk, "answer": answer.pk}
    ids |= {"found": found.pk}
    return case, promise, {name: str(pk) for name, pk in ids.items()}


def is_ours(case: Case) -> None:
    now_ = Case.objects.get(pk=case.pk)
    assert now_.unanswered_since is not None
    assert now_.move == Move.OURS
    assert not now_.is_ended
