"""No address asks much, whatever it is of: every one of the URLconf is asked, with a case on
which everything hangs that can hang on one."""

import re
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from goodword.cases.mayday import call_mayday
from tests.browser.test_screens import FILES
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.desk.routes import Route, routes
from tests.desk.things import Scene
from tests.sweeps.test_queries import MOST, fill


def address(route: Route, scene: Scene) -> str:
    path = route.path
    for name, before in route.parameters:
        path = re.sub(rf"<(\w+:)?{name}>", str(scene.of(name, before)), path)
    return path


def hang_on(scene: Scene) -> None:
    """What things.py does not make: a call for help, a tag, a watcher, who is called in a note."""
    desk, case = scene.desk, scene.case
    call_mayday(case, case.customer, by=case.customer, channel="mail", hears=False)
    case.tag("Outage", by=desk.priya)
    case.watch(desk.jonas, by=desk.priya)
    case.note("@jonas.weber, have a look.", by=desk.dele)
    desk.heard(case.customer, "Another matter")


def asked(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as found:
        client.get(url)
    return len(found)


def test_no_address_asks_more_than_fifteen(desk: Desk, settings: Any, tmp_path: Path) -> None:
    settings.OUTGOING = f"maildir:{tmp_path / 'outgoing'}"
    scene = Scene(desk, tmp_path)
    looked_at = [each for each in routes() if "GET" in each.methods and each.name not in FILES]
    urls = {each.name: address(each, scene) for each in looked_at if "token" not in each.path}
    fill(desk, 2)
    hang_on(scene)
    leader, many = signed_in(desk.jonas), {}
    for name, url in urls.items():
        asked(leader, url)
        many[name] = asked(leader, url)
    assert {name: number for name, number in many.items() if number > MOST} == {}
