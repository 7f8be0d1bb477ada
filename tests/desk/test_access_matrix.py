"""Every route × method × actor, generated from the URLconf.

What to expect follows from what a route says of itself: its door, the right that it needs,
whether it is for light members too, its methods, and who may see the thing in its path
(tests/desk/things.py). A route that says too little fails; so does one that answers otherwise.
Nobody who is kept out changes anything by trying.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from goodword.cases.leaving import revoke
from goodword.channels.mail.models import IncomingMail
from goodword.journal.models import Entry
from goodword.staff.models import Member
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.desk.routes import METHODS, Route, routes
from tests.desk.things import INSIDE, TEAM, THINGS, Scene

OUTSIDE = ("nobody", "customer", "wrong_link", "revoked")
ACTORS = (*OUTSIDE, *sorted(INSIDE))
READS = ("GET", "HEAD")
OWNER_OR_LEAD = (TEAM - {"agent", "light"}, "its owner decides, or a lead, and it is Priya's")
LEAD_OF_IT = (frozenset({"lead"}), "a lead of the team changes what it shares")

# Stricter than the door and the thing say: who is let in all the same, and why.
STRICTER: Mapping[str, tuple[frozenset[str], str]] = {
    "case_let_in": OWNER_OR_LEAD,
    "case_part": OWNER_OR_LEAD,
    "case_shut_out": OWNER_OR_LEAD,
    "case_new_link": OWNER_OR_LEAD,
    "settings_mailbox_signed_in": (
        frozenset(),
        "nobody comes back from a mail server to which this browser did not go",
    ),
    **dict.fromkeys(
        (
            "tags",
            "tag_change",
            "tag_name_back",
            "tag_merge",
            "tag_part",
            "tag_retire",
            "tag_restore",
        ),
        (frozenset({"lead", "leader", "operator"}), "leads and operators keep the tags in order"),
    ),
    "later_cancel": OWNER_OR_LEAD,
    "later_resume": OWNER_OR_LEAD,
    "later_edit": OWNER_OR_LEAD,
    "later_send": OWNER_OR_LEAD,
    "take_back": (frozenset(), "only whoever wrote a message takes it back"),
    **dict.fromkeys(("view_edit", "view_move", "view_remove", "view_back"), LEAD_OF_IT),
}
# Lead to the sign-in page in the course of things: whoever signs out, and steps out of turn.
SENT_BACK = {
    "sign_out",
    "sign_in_code_enter",
    "sign_in_passkey",
    "sign_in_second",
    "sign_in_second_ask",
}
# Not there where the installation has no company’s sign-in, and no token for /metrics;
# tests/staff/test_company.py and tests/cli/test_standing.py have them.
ABSENT = {"sso", "sso_back", "metrics"}
# Of one team’s day, and not there for whoever is in none.
OF_A_TEAM = {"day_part", "day_send", "day_draft", "day_close", "day_open_again"}
# What a page shows that is no case: the mails that left, in the demo alone.
SHOWS_MAIL = {"outgoing", "sent"}
ROUTES = {route.name: route for route in routes()}


@dataclass
class World:
    """The scene, and everybody who may try."""

    scene: Scene
    token: str = ""
    other_token: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def browser(self, actor: str) -> Client:
        """A fresh browser with what the actor's own one holds."""
        if actor not in self.cookies:
            self.cookies[actor] = self._opened(actor).cookies.output(header="", sep=";")
        client = Client(raise_request_exception=False)
        client.cookies.load(self.cookies[actor])
        return client

    def _opened(self, actor: str) -> Client:
        if actor in self.members():
            return signed_in(self.members()[actor])
        client = Client()
        if actor in {"customer", "wrong_link"}:
            token = self.token if actor == "customer" else self.other_token
            assert client.get(f"/c/{token}/").status_code == 200
        if actor == "revoked":
            client = signed_in(self.scene.desk.tom)
            revoke(self.scene.desk.tom, by="system")
        return client

    def members(self) -> dict[str, Member]:
        desk = self.scene.desk
        return {"light": desk.luz, "agent": desk.dele, "other_team": desk.ines,
                "lead": desk.marta, "leader": desk.jonas, "operator": desk.olu}  # fmt: skip

    def token_of(self, actor: str, route: Route) -> str:
        """The customer alone holds the link; another customer tries theirs on what is not theirs,
        and whoever has none guesses."""
        if actor == "customer":
            return self.token
        if actor == "wrong_link" and len(route.parameters) > 1:
            return self.other_token
        return self.token[:-3] + ("AAA" if not self.token.endswith("AAA") else "BBB")

    def url(self, route: Route, actor: str) -> str:
        path = route.path
        for name, before in route.parameters:
            is_link = name == "token" and before == "c"
            value = self.token_of(actor, route) if is_link else self.scene.of(name, before)
            path = re.sub(rf"<(\w+:)?{name}>", str(value), path)
        return path


@pytest.fixture
def world(desk: Desk, settings: Any, tmp_path: Path) -> World:
    settings.OUTGOING = f"maildir:{tmp_path}"
    scene = Scene(desk, tmp_path)
    for route in ROUTES.values():
        for name, before in route.parameters:
            if name != "token" or before != "c":
                scene.of(name, before)
    other = desk.link(desk.heard(desk.daniel)).token
    return World(scene, token=desk.link(scene.case).token, other_token=other)


def test_every_route_says_enough_of_itself() -> None:
    """Its door, its methods, and things of a kind that is known."""
    assert len(ROUTES) == len(routes()), "two routes have one name"
    silent = [
        f"{route.name} {route.path}: {what}" for route in ROUTES.values() for what in unsaid(route)
    ]
    assert not silent, "\n".join(silent)


def unsaid(route: Route) -> list[str]:
    found = []
    if route.door not in {"all", "members", "operators", "right"}:
        found.append("no door of staff/access.py")
    if not route.methods:
        found.append("require_POST, require_safe or require_http_methods must stand outermost")
    for name, before in route.parameters:
        if name not in THINGS and before not in THINGS and (name, before) != ("token", "c"):
            found.append(f"tests/desk/things.py does not know “{before}” nor “{name}”")
    return found


def test_every_exception_is_of_a_route() -> None:
    assert set(STRICTER) | SENT_BACK | ABSENT | SHOWS_MAIL | OF_A_TEAM <= set(ROUTES)


def expected(world: World, actor: str, route: Route, method: str) -> str:
    """ "in", or how they are kept out: "405", "sign in", "403", "404"."""
    if method not in route.methods:
        return "405"
    if route.name in ABSENT:
        return "404"
    if route.path.startswith("/c/"):
        return "in" if actor == "customer" else "404"
    if route.door == "all":
        return "in"
    if actor in OUTSIDE:
        return "sign in"
    member = world.members()[actor]
    if route.right and not member.has(route.right):  # type: ignore[arg-type]
        return "403"
    if route.door == "members" and member.is_light and not (route.is_light or method in READS):
        return "403"
    things = [THINGS[name if name in THINGS else before] for name, before in route.parameters]
    if not all(actor in each.seen_by for each in things):
        return "404"
    if route.name in STRICTER and actor not in STRICTER[route.name][0]:
        return "403"
    if route.name in OF_A_TEAM and not member.teams.exists():
        return "404"
    return "in"


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


# Where a method is not taken, that is said before anybody is asked who they are (`unsaid` sees
# to it), so two actors who try every method are enough.
@pytest.mark.parametrize("actor", ACTORS)
def test_each_actor_gets_what_the_route_says(world: World, actor: str) -> None:
    wrong = [
        f"{actor}: {method} {route.path} ({route.name}) {complaint}"
        for route in ROUTES.values()
        for method in (METHODS if actor in {"nobody", "leader"} else route.methods)
        if (complaint := complaint_about(world, actor, route, method))
    ]
    assert not wrong, "\n".join(wrong)


def complaint_about(world: World, actor: str, route: Route, method: str) -> str:
    """What is wrong with the answer; "" where it is as it should be."""
    should = expected(world, actor, route, method)
    answer, written = tried(world.browser(actor), method, world.url(route, actor))
    if should == "in":
        is_well = answer.status_code in {200, 204, 302, 400, 409, 422}
        is_well &= route.name in SENT_BACK or not is_to_sign_in(answer)
    elif should == "sign in":
        is_well = (
            not written and is_to_sign_in(answer) and is_told_so_in_a_part(world, actor, route)
        )
    else:
        is_well = not written and answer.status_code == int(should)
    if is_well:
        return ""
    return f"answered {answer.status_code} and wrote {written} entries; should be: {should}"


def is_told_so_in_a_part(world: World, actor: str, route: Route) -> bool:
    url = world.url(route, actor)
    part, _n = tried(world.browser(actor), route.methods[0], url, HTTP_HX_REQUEST="true")
    return part.status_code == 401 and part.content == b""


def is_to_sign_in(answer: HttpResponse) -> bool:
    return answer.status_code == 302 and bool(re.match("/sign-in/", answer["Location"]))


def test_what_belongs_to_another_team_stays_unseen_in_every_list(world: World) -> None:
    IncomingMail.objects.update(subject="Quite secret words")
    ines = world.browser("other_team")
    for route in ROUTES.values():
        if expected(world, "other_team", route, "GET") == "in" and route.name not in SHOWS_MAIL:
            answer = ines.get(world.url(route, "other_team"), follow=True)
            raw = b"".join(answer) if answer.streaming else answer.content
            text = raw.decode(errors="replace")
            assert "Quite secret words" not in text, route.name
            assert f"/cases/{world.scene.case.pk}/" not in text, route.name
