"""Headers on every answer: of every route, of files, of refusals, and before there is a desk."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from goodword.config import versions
from goodword.core.server.meanwhile import ANSWER
from goodword.core.server.refusing import WORDS, Refusal
from tests.cast import Desk
from tests.desk.conftest import signed_in
from tests.desk.routes import routes

ROOT = Path(__file__).resolve().parents[2]
EVERY = ("X-Content-Type-Options", "Referrer-Policy", "Content-Security-Policy")
MORE = (*EVERY, "X-Frame-Options", "Permissions-Policy", "Cache-Control")


def lacking(client: Client, path: str, names: tuple[str, ...] = MORE) -> list[str]:
    answer = client.get(path)
    return [f"{path} ({answer.status_code}): {name}" for name in names if name not in answer]


def test_every_route_has_them_for_strangers_and_for_members(desk: Desk) -> None:
    case = desk.heard()
    token = desk.link(case).token
    wrong = []
    for route in routes():
        path = route.path
        for name, _before in route.parameters:
            for kind in ("int", "str", "slug", "uuid", "path"):
                path = path.replace(f"<{kind}:{name}>", token if name == "token" else str(case.pk))
            path = path.replace(f"<{name}>", token if name == "token" else str(case.pk))
        for client in (Client(raise_request_exception=False), signed_in(desk.jonas)):
            client.raise_request_exception = False
            wrong += lacking(client, path)
    assert wrong == []


@pytest.mark.parametrize("path", ["/nowhere/", "/cases/999999/", "/cases/1/reply"])
def test_what_is_not_there_or_not_that_way_has_them(desk: Desk, path: str) -> None:
    assert lacking(signed_in(desk.priya), path) == []


def test_a_form_of_another_site_is_refused_with_them(desk: Desk) -> None:
    answer = Client(enforce_csrf_checks=True).post("/sign-in/", {"email": "a@b.example"})
    assert answer.status_code == 403
    assert [name for name in MORE if name not in answer] == []


def test_files_of_the_look_are_no_other_kind_than_they_say(desk: Desk) -> None:
    answer = Client().get("/static/goodword/tokens.css")
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("status", sorted(WORDS))
def test_a_refusal_before_django_has_them(status: int) -> None:
    names = {name.decode() for name, _value in Refusal(status).headers(b"")}
    assert {each.lower() for each in EVERY} | {"x-frame-options", "cache-control"} <= names


def test_the_answer_while_a_new_version_prepares_has_them() -> None:
    said = ANSWER.decode().lower()
    assert all(f"\r\n{name.lower()}: " in said for name in EVERY)


def test_djangos_own_check_for_a_desk_in_the_open_has_nothing_to_say(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GOODWORD_")}
    said = {"GOODWORD_DATA": str(tmp_path), "GOODWORD_URL": "https://desk.example",
            "GOODWORD_HTTPS": "yes", "DJANGO_SETTINGS_MODULE": "goodword.config.settings",
            "PYTHONPATH": str(ROOT / "src")}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "INFO"],
        env=kept | said, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_what_is_too_old_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(versions.too_old()) == []
    monkeypatch.setattr(versions, "OLDEST", {"nh3": "99.1", "no-such-thing": "1.0"})
    old, gone = versions.too_old()
    assert "nh3" in old and "99.1 is the oldest" in old and "pip install" in old
    assert "no-such-thing is not installed" in gone


def test_releases_are_compared_as_numbers() -> None:
    assert versions._parts("5.10.0rc1") == (5, 10) > versions._parts("5.9.9")
