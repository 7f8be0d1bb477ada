"""What is limited is limited for all processes together, on either database."""

import json

from tests.worker.test_together_on_postgres import Desk

EACH, PROCESSES = 30, 2
_TRY = f"""
from django.test import RequestFactory
from goodword.core.refusals import Refused
from goodword.portal.models import Knock
from goodword.staff.attempts import Tries
request = RequestFactory().get("/", REMOTE_ADDR="203.0.113.7")
def knocks(what, **how):
    try:
        Knock.count(what, request, **how)
    except Refused:
        return False
    return True
ways = {{
    "sign-in": lambda: not Tries("pair:a@b.example|203.0.113.7").are_too_many(),
    "code": lambda: not Tries("code:a@b.example").are_too_many(),
    "calendar link": lambda: not Tries("nofeed:203.0.113.7").are_too_many(),
    "open door": lambda: knocks("write"),
    "one mailbox": lambda: knocks("rate", to=""),
    "MAYDAY": lambda: knocks("mayday"),
}}
print("ready", flush=True); sys.stdin.readline()
print(json.dumps({{name: sum(way() for _ in range({EACH})) for name, way in ways.items()}}))
"""
# How many of sixty get through; tries that were noted first may leave some room (attempts.py).
EXACT = {"open door": 20, "MAYDAY": 6, "one mailbox": 60}
AT_MOST = {"sign-in": 8, "code": 5, "calendar link": 30}


def through(desk: Desk) -> dict[str, int]:
    said = desk.together(_TRY, [[]] * PROCESSES)
    found: list[dict[str, int]] = said  # type: ignore[assignment]
    return {name: sum(each[name] for each in found) for name in found[0]}


def _holds(found: dict[str, int]) -> None:
    assert {name: found[name] for name in EXACT} == EXACT, json.dumps(found)
    for name, most in AT_MOST.items():
        assert 0 < found[name] <= most, json.dumps(found)


def test_two_processes_share_them_on_sqlite(racing_on_sqlite: Desk) -> None:
    _holds(through(racing_on_sqlite))


def test_and_on_postgresql(racing_on_postgresql: Desk) -> None:
    _holds(through(racing_on_postgresql))
