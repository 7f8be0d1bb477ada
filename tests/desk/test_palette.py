"""The palette as a page, and the rooms that it offers to each member."""

import re
from html import unescape

from django.test import Client
from django.urls import resolve

from goodword.desk.rooms import found, rooms
from goodword.staff.models import Member
from tests.cast import Desk
from tests.desk.conftest import signed_in


def test_every_room_opens_for_whoever_is_offered_it(desk: Desk) -> None:
    for member in (desk.luz, desk.marta, desk.olu):
        client = signed_in(member)
        urls = [room["url"] for room in client.get("/palette/rooms").json()["rooms"]]
        # Lists by tab and filter are one address; one of them stands for all.
        urls = [url for url in urls if "?" not in url or url.endswith("snoozed")]
        refused = [url for url in urls if client.get(url, follow=True).status_code != 200]
        assert not refused, f"{member.name} is offered what is closed to them"


def test_the_navigation_and_the_settings_are_all_in_it(desk: Desk) -> None:
    listed = {room.url: room for room in rooms(desk.jonas)}
    html = signed_in(desk.jonas).get("/today/").content.decode()
    places = re.findall(r'data-place="(\w)" href="([^"]+)"', html)
    assert len(places) > 7
    assert {(letter, url) for letter, url in places} == {
        (room.letter, room.url) for room in listed.values() if room.letter
    }
    index = signed_in(desk.jonas).get("/settings/").content.decode()
    pages = set(map(unescape, re.findall(r'href="(/settings/[\w/-]+/)"', index)))
    assert len(pages) > 10
    assert pages <= set(listed)


def test_an_agent_is_not_offered_settings_nor_the_operators_page(desk: Desk) -> None:
    assert not [r for r in rooms(desk.priya) if r.url.startswith(("/settings", "/operator"))]
    assert [room.url for room in rooms(desk.marta) if room.url.startswith("/settings")] == [
        "/settings/tags/"
    ]


def names(member: Member, asked: str) -> list[str]:
    return [room.label for room in found(member, asked)]


def test_rooms_are_found_by_any_of_their_words(desk: Desk) -> None:
    assert names(desk.jonas, "christmas") == ["Holidays and single days"]
    assert names(desk.jonas, "SETTINGS teams") == ["Teams and duty"]
    assert names(desk.priya, "lighthouse") == []


def test_without_script_it_is_a_page_with_a_field(desk: Desk, priya: Client) -> None:
    case = desk.heard(title="The projector stays dark", text="Dark.")
    html = priya.get("/palette/", {"q": case.reference}).content.decode()
    assert f'href="{case.get_absolute_url()}"' in html
    assert "Your account" in priya.get("/palette/").content.decode()
    nothing = priya.get("/palette/", {"q": "<b>nothing</b>"}).content.decode()
    assert "Nothing is called so" in nothing
    assert "<b>nothing" not in nothing
    assert resolve("/palette/").func.door == "members"
