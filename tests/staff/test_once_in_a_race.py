"""What lets in once lets in once when two processes are shown it at the same instant."""

import json
from pathlib import Path

from tests.worker.test_together_on_postgres import Desk

_SET_UP = """
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from goodword.core.time import now
from goodword.staff.inviting import invite, reset
from goodword.staff.key import Key
from goodword.staff.models import Member
from tests.cast import PASSWORD
def known(name):
    return Member.objects.get(email=f"{name}@harbourlane.example")
def cookie(path, said):
    browser = Client()
    assert browser.post(path, said).status_code == 302
    return browser.cookies["goodword_session"].value
def link(key, **said):
    return ["link", f"/join/{key.token}/", [""] * 2, said]
def mailed(member):
    session = cookie("/sign-in/code/", {"email": member.email})
    code = Key.objects.get(member=member, purpose="code").code
    return ["code by mail", "/sign-in/code/enter/", [session] * 2, {"code": code}]
def second(what, member, code):
    sessions = [cookie("/sign-in/", {"email": member.email, "password": PASSWORD}) for _ in "ab"]
    return [what, "/sign-in/second/", sessions, {"code": code}]
shown = [
    *(link(invite(name, f"{name}@harbourlane.example", "light", by=known("jonas")), name=name)
      for name in ("nina", "omar", "pia")),
    link(reset(known("tom"), by=known("jonas")), password="seven quiet words here"),
    mailed(known("dele")), mailed(known("marta")),
]
for member in (known("ines"), known("luz")):
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(member, secret)
    code = f"{totp.hotp_value(secret, int(now().timestamp()) // 30):06}"
    recovery = RecoveryCodes.activate(member).get_unused_codes()[0]
    shown += [second("app", member, code), second("recovery code", member, recovery)]
print(json.dumps(shown))
"""
_SHOW = """
import time
from pathlib import Path
from django.test import Client
me, other, place, shown = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
def together(number):
    (place / f"{number}.{me}").touch()
    while not (place / f"{number}.{other}").exists():
        time.sleep(0)
print("ready", flush=True); sys.stdin.readline()
inside = []
for number, (what, path, sessions, said) in enumerate(json.loads(shown)):
    browser = Client()
    if sessions[me]:
        browser.cookies["goodword_session"] = sessions[me]
    together(number)
    answer = browser.post(path, said)
    inside.append(answer.status_code == 302 and "/sign-in" not in answer["Location"])
print(json.dumps(inside))
"""


def _one_of_two_gets_in(desk: Desk, place: Path) -> None:
    shown = desk.run(_SET_UP)
    ways = [[str(me), str(1 - me), str(place), json.dumps(shown)] for me in (0, 1)]
    one, other = desk.together(_SHOW, ways)
    got_in = [sum(both) for both in zip(one, other, strict=True)]  # type: ignore[call-overload]
    whats = [what for what, *_rest in shown]  # type: ignore[attr-defined]
    assert len(whats) == 10 and got_in == [1] * 10, (whats, one, other)


def test_one_of_two_gets_in_on_sqlite(racing_on_sqlite: Desk, tmp_path: Path) -> None:
    _one_of_two_gets_in(racing_on_sqlite, tmp_path)


def test_and_on_postgresql(racing_on_postgresql: Desk, tmp_path: Path) -> None:
    _one_of_two_gets_in(racing_on_postgresql, tmp_path)
