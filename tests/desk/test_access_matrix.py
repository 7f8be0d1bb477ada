"""Every route × method × actor: what is not declared here fails, and so does what is declared
and answers otherwise. Nobody who is kept out changes anything by trying.
"""

import re
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from goodword.cases.leaving import revoke
from goodword.cases.models import Attachment, Message, OutgoingMessage
from goodword.channels.mail.models import IncomingMail
from goodword.channels.mail.sending import MaildirTransport
from goodword.channels.mail.taking import take
from goodword.journal.models import Entry
from goodword.people.models import SenderRule
from goodword.settings.changing import save
from goodword.settings.subjects.business import PageOfSettings
from goodword.worker.intake import drain_intake
from tests.cast import Desk, london
from tests.desk.conftest import signed_in
from tests.desk.routes import Route, routes


class Reach(Enum):
    """Who a route lets in."""

    ALL = "everybody"
    MEMBERS = "every member"
    CASE = "whoever may see this case: its team, its owner, leaders"
    OWNER = "the owner of this case, and leads and leaders who may see it"
    OPERATORS = "operators and leaders"
    CASE_OPERATORS = "operators and leaders who may see this case"
    LINK = "whoever holds the customer's link"


OUTSIDE = ("stranger", "customer", "revoked")
INSIDE = ("agent", "other_team", "lead", "leader", "operator")
LET_IN = {
    Reach.ALL: {*OUTSIDE, *INSIDE},
    Reach.LINK: {*OUTSIDE, *INSIDE},
    Reach.MEMBERS: {*INSIDE},
    Reach.CASE: {"agent", "lead", "leader"},
    Reach.OWNER: {"lead", "leader"},
    Reach.OPERATORS: {"leader", "operator"},
    Reach.CASE_OPERATORS: {"leader"},
}
DOOR = {
    Reach.ALL: "all",
    Reach.LINK: "all",
    Reach.MEMBERS: "members",
    Reach.CASE: "members",
    Reach.OWNER: "members",
    Reach.OPERATORS: "operators",
    Reach.CASE_OPERATORS: "operators",
}
GET, POST, BOTH = ("GET",), ("POST",), ("GET", "POST")
CASE, MEMBERS, OPERATORS, LINK = Reach.CASE, Reach.MEMBERS, Reach.OPERATORS, Reach.LINK

# name: who, by which methods, and what is at `pk` where the path has one.
EXPECTED: dict[str, tuple[Reach, tuple[str, ...], str]] = {
    "health": (Reach.ALL, GET, ""),
    "sign_in": (Reach.ALL, BOTH, ""),
    "sign_out": (MEMBERS, POST, ""),
    "home": (MEMBERS, GET, ""),
    "side": (MEMBERS, GET, ""),
    "today": (MEMBERS, GET, ""),
    "today_part": (MEMBERS, GET, ""),
    "inbox": (MEMBERS, GET, ""),
    "inbox_rows": (MEMBERS, GET, ""),
    "inbox_preview": (CASE, GET, "case"),
    "case": (CASE, GET, "case"),
    "case_head": (CASE, GET, "case"),
    "case_thread": (CASE, GET, "case"),
    "case_rail": (CASE, GET, "case"),
    "case_print": (CASE, GET, "case"),
    "case_present": (CASE, GET, "case"),
    "case_presence": (CASE, POST, "case"),
    "case_reply": (CASE, POST, "case"),
    "case_note": (CASE, POST, "case"),
    "case_call": (CASE, POST, "case"),
    "case_compose": (CASE, POST, "case"),
    "case_draft": (CASE, POST, "case"),
    "case_take": (CASE, POST, "case"),
    "case_accept": (CASE, POST, "case"),
    "case_decline": (CASE, POST, "case"),
    "case_offer": (CASE, POST, "case"),
    "case_team": (CASE, POST, "case"),
    "case_rest": (CASE, POST, "case"),
    "case_wake": (CASE, POST, "case"),
    "case_back": (CASE, POST, "case"),
    "case_let_in": (Reach.OWNER, POST, "case"),
    "case_part": (Reach.OWNER, POST, "case"),
    "case_shut_out": (Reach.OWNER, POST, "case"),
    "case_new_link": (Reach.OWNER, POST, "case"),
    "case_pin": (CASE, POST, "case"),
    "case_unpin": (CASE, POST, "case"),
    "case_again": (CASE, POST, "case"),
    "case_aside": (CASE, BOTH, "case"),
    "case_hand": (CASE, GET, "case"),
    "case_mark": (CASE, BOTH, "case"),
    "case_new": (MEMBERS, BOTH, ""),
    "promises": (MEMBERS, GET, ""),
    "promises_part": (MEMBERS, GET, ""),
    "promise_new": (MEMBERS, BOTH, ""),
    "promise": (CASE, GET, "promise"),
    "promise_keep": (CASE, POST, "promise"),
    "promise_move": (CASE, POST, "promise"),
    "promise_answer": (CASE, POST, "promise"),
    "promise_hand": (CASE, POST, "promise"),
    "promise_warn": (CASE, POST, "promise"),
    "promise_write": (CASE, POST, "promise"),
    "customers": (MEMBERS, GET, ""),
    "customer": (CASE, GET, "customer"),
    "account": (CASE, GET, "account"),
    "customer_pin": (CASE, POST, "customer"),
    "customer_unpin": (CASE, POST, "customer"),
    "customer_reach": (CASE, POST, "customer"),
    "customer_unreach": (CASE, POST, "customer"),
    "customer_edit": (CASE, POST, "customer"),
    "message_html": (CASE, GET, "message"),
    "attachment": (CASE, GET, "attachment"),
    "raw_mail": (CASE, GET, "mail"),
    "operating": (OPERATORS, GET, ""),
    "mailbox": (OPERATORS, GET, "mailbox"),
    "mail_retry": (OPERATORS, POST, "mail"),
    "mail_from_person": (OPERATORS, POST, "mail"),
    "copy_send": (OPERATORS, POST, "copy"),
    "operator_bring_back": (Reach.CASE_OPERATORS, POST, "case"),
    "rule_end": (OPERATORS, POST, "rule"),
    "journal_verify": (OPERATORS, POST, ""),
    "settings": (OPERATORS, GET, ""),
    "settings_page": (OPERATORS, BOTH, ""),
    "setting_undo": (OPERATORS, POST, "change"),
    "outgoing": (MEMBERS, GET, ""),
    "sent": (MEMBERS, GET, ""),
    "portal": (LINK, GET, ""),
    "portal_say": (LINK, POST, ""),
    "portal_call": (LINK, POST, ""),
    "portal_settled": (LINK, POST, ""),
    "portal_not_yet": (LINK, POST, ""),
    "portal_withdraw": (LINK, POST, ""),
    "portal_undo": (LINK, POST, "verdict"),
    "portal_another_time": (LINK, POST, "promise"),
    "portal_agree": (LINK, POST, "move"),
    "portal_decline": (LINK, POST, "move"),
    "portal_release": (LINK, POST, "promise"),
    "portal_file": (LINK, GET, "attachment"),
}
ROUTES = {route.name: route for route in routes()}


@dataclass
class World:
    """One case of one team with everything that hangs on it, and everybody who may try."""

    desk: Desk
    at: dict[str, int] = field(default_factory=dict)
    token: str = ""
    other_token: str = ""
    sent: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def browser(self, actor: str) -> Client:
        """A fresh browser with what the actor's own one holds."""
        if actor not in self.cookies:
            self.cookies[actor] = self._opened(actor).cookies.output(header="", sep=";")
        client = Client(raise_request_exception=False)
        client.cookies.load(self.cookies[actor])
        return client

    def _opened(self, actor: str) -> Client:
        desk = self.desk
        if actor == "stranger":
            return Client()
        if actor == "customer":
            client = Client()
            assert client.get(f"/c/{self.token}/").status_code == 200
            return client
        if actor == "revoked":
            client = signed_in(desk.tom)
            revoke(desk.tom, by="system")
            return client
        members = {"agent": desk.dele, "other_team": desk.ines, "lead": desk.marta,
                   "leader": desk.jonas, "operator": desk.olu}  # fmt: skip
        return signed_in(members[actor])

    def url(self, route: Route, token: str = "") -> str:
        pk = self.at.get(EXPECTED[route.name][2], 0)
        path = route.path.replace("<int:pk>", str(pk)).replace("<str:name>", self.sent)
        path = path.replace("<str:token>", token or self.token)
        path = path.replace("<slug:name>", "business")
        assert "<" not in path, f"{path}: say what stands there"
        return path


@pytest.fixture
def world(desk: Desk, settings: Any, tmp_path: Path) -> World:
    case = desk.answered(desk.heard(fields={"html": "<p>Down again</p>"}))
    said = case.messages.order_by("id")[0]
    callback = desk.promise(case, "callback")
    move = callback.ask_to_move(to=london("2026-11-20 12:00"), by=desk.priya)
    kept = Attachment.keep("a.txt", b"words", "text/plain", message=said)
    [mail] = take(
        f"From: ellen@whitcombe.example\nReferences: {desk.last(case).message_id}\n\nOh".encode(),
        envelope_from="ellen@whitcombe.example", recipients=[desk.mailbox.address],
    )  # fmt: skip
    drain_intake()
    mail.refresh_from_db()
    assert mail.message is not None and mail.message.case_id == case.pk
    copy = OutgoingMessage.objects.get(message__case=case)
    verdict = case.verdicts.create(
        customer=desk.ellen, is_settled=False, words="Oh", at=said.at, message=mail.message
    )
    settings.OUTGOING = f"maildir:{tmp_path}"
    MaildirTransport(tmp_path).send("a@x.example", "b@x.example", b"Subject: Hi\r\n\r\nWords")
    rule = SenderRule.make("@spam.example", "spam", by=desk.priya)
    change = save(PageOfSettings("business"), {"phone": "020 7946 0000"}, by=desk.olu)
    assert change is not None
    assert desk.ellen.account_id
    return World(
        desk,
        {"case": case.pk, "promise": callback.pk, "customer": desk.ellen.pk,
         "account": desk.ellen.account_id, "message": said.pk, "attachment": kept.pk,
         "mail": mail.pk, "mailbox": desk.mailbox.pk, "copy": copy.pk,
         "rule": rule.pk, "change": change.pk, "move": move.pk, "verdict": verdict.pk},
        token=desk.link(case).token,
        other_token=desk.link(desk.heard(desk.daniel)).token,
        sent=next((tmp_path / "new").iterdir()).name,
    )  # fmt: skip


def test_every_route_is_declared_and_every_declaration_is_a_route() -> None:
    assert set(ROUTES) == set(EXPECTED)
    assert len(ROUTES) == len(routes()), "two routes have one name"


@pytest.mark.parametrize("name", ROUTES)
def test_every_view_has_the_door_that_is_declared(name: str) -> None:
    assert ROUTES[name].door == DOOR[EXPECTED[name][0]]


class _Undo(Exception):
    pass


def tried(client: Client, method: str, url: str, **headers: Any) -> tuple[HttpResponse, int]:
    """The answer, and how many entries it wrote; what it changed is undone."""
    before = Entry.objects.count()
    try:
        with transaction.atomic():
            answer = client.generic(method, url, **headers)
            written = Entry.objects.count() - before
            raise _Undo
    except _Undo:
        return answer, written  # type: ignore[return-value]


@pytest.mark.parametrize("actor", [*OUTSIDE, *INSIDE])
def test_each_actor_gets_what_is_declared(world: World, actor: str) -> None:
    wrong = [
        f"{actor}: {method} {route.path} {complaint}"
        for route in ROUTES.values()
        for method in BOTH
        if (complaint := complaint_about(world, actor, route, method))
    ]
    assert not wrong, "\n".join(wrong)


def complaint_about(world: World, actor: str, route: Route, method: str) -> str:
    """What is wrong with the answer; "" where it is as declared."""
    reach, methods, _at = EXPECTED[route.name]
    answer, written = tried(world.browser(actor), method, world.url(route))
    is_let_in = actor in LET_IN[reach]
    if method in methods and is_let_in:
        is_well = answer.status_code in {200, 204, 302, 409, 422}
        is_well &= route.name == "sign_out" or not is_to_sign_in(answer)
    elif method not in methods:
        is_well = not written and answer.status_code in {405, 302, 401, 403, 404}
        is_well &= not is_let_in or answer.status_code == 405
    elif actor in OUTSIDE:
        part, _n = tried(world.browser(actor), method, world.url(route), HTTP_HX_REQUEST="true")
        is_well = not written and is_to_sign_in(answer) and part.status_code == 401
        is_well &= part.content == b""
    else:
        is_well = not written and answer.status_code == (403 if is_told(actor, reach) else 404)
    return "" if is_well else f"answered {answer.status_code} and wrote {written} entries"


def is_told(actor: str, reach: Reach) -> bool:
    """Whether they learn that it is there and not theirs to do; else it does not exist for them."""
    if reach == Reach.OWNER:
        return actor == "agent"
    return reach in {Reach.OPERATORS, Reach.CASE_OPERATORS} and actor != "operator"


def is_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and bool(re.match("/sign-in/", answer["Location"]))


OF_THE_PORTAL = [name for name, (reach, _methods, _at) in EXPECTED.items() if reach == LINK]


@pytest.mark.parametrize("name", OF_THE_PORTAL)
def test_a_forged_link_and_the_link_of_another_customer_lead_nowhere(
    world: World, name: str
) -> None:
    route = ROUTES[name]
    _reach, methods, at = EXPECTED[name]
    forged = world.token[:-3] + ("AAA" if not world.token.endswith("AAA") else "BBB")
    for method in methods:
        for actor in ("stranger", "leader"):
            answer, written = tried(world.browser(actor), method, world.url(route, forged))
            assert (answer.status_code, written) == (404, 0)
        if at:
            theirs = world.url(route, world.other_token)
            answer, written = tried(Client(), method, theirs)
            assert (answer.status_code, written) == (404, 0)


def test_what_belongs_to_another_team_stays_unseen_in_every_list(world: World) -> None:
    Message.objects.filter(pk=world.at["message"]).update(text="Quite secret words")
    IncomingMail.objects.update(subject="Quite secret words")
    ines = world.browser("other_team")
    for name, (reach, methods, _at) in EXPECTED.items():
        if reach == MEMBERS and "GET" in methods and name not in {"outgoing", "sent"}:
            text = ines.get(world.url(ROUTES[name]), follow=True).content.decode()
            assert "Quite secret words" not in text, name
            assert f"/cases/{world.at['case']}/" not in text, name
