"""The demo: seeded through the real verbs, alive at 16:33, and kept over a restart."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from goodword.cases.models import Case, OutgoingMessage
from goodword.channels.mail.models import IncomingMail
from goodword.config import demo
from goodword.config.demo.people import PASSWORD
from goodword.core.time import clock, now
from goodword.journal.sealing import damage
from goodword.promises.models import Promise
from goodword.staff.models import Member
from tests.cli.conftest import asker
from tests.cli.running import goodword, serving, wait_until


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[datetime]:
    """The demo, made once for this module and never committed; what time it is there."""
    outgoing = tmp_path_factory.mktemp("demo") / "outgoing"
    with (
        django_db_blocker.unblock(),
        override_settings(OUTGOING=f"maildir:{outgoing}"),
        transaction.atomic(),
    ):
        demo.seed()
        assert clock.is_demo
        yield now()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _demo_time(request: pytest.FixtureRequest) -> None:
    if "seeded" in request.fixturenames:
        clock.fix(request.getfixturevalue("seeded"))


def test_an_empty_desk_holds_no_demo(db: None) -> None:
    # It also has pytest-django make the database, which a fixture of a module does not ask for.
    assert not demo.is_seeded()


def test_every_tab_of_the_inbox_has_something(seeded: datetime) -> None:
    moves = list(Case.objects.values_list("move", flat=True))
    counts = {move: moves.count(move) for move in ("ours", "theirs", "decide", "settled", "aside")}
    assert counts["ours"] >= 10
    assert min(counts["theirs"], counts["decide"], counts["settled"]) >= 3
    assert counts["aside"] == 1


def test_broken_promises_were_broken_by_the_tick_when_they_fell_due(seeded: datetime) -> None:
    noon = Promise.objects.get(text="The refund reference, from the bank, by noon")
    assert (noon.state, noon.due.hour, noon.owner.given) == ("broken", 12, "Priya")
    entry = noon.case.entries.get(kind="promise_broken", facts__promise=noon.pk)
    assert entry.actor == "clock"
    assert timedelta(0) < entry.at - noon.due <= timedelta(seconds=1)


def test_the_ledger_of_ellen_has_every_outcome(seeded: datetime) -> None:
    ellen = Case.objects.get(reference="HL-2041")
    states = set(ellen.promises.values_list("state", flat=True))
    assert {"open", "kept", "broken", "kept_late", "moved"} <= states
    moved = ellen.promises.get(state="moved")
    assert moved.moved_to.due > moved.due
    assert (ellen.owner.given, ellen.verdicts.count()) == ("Priya", 0)


def test_three_have_heard_nothing_from_a_person_today(seeded: datetime) -> None:
    waiting = Case.objects.unanswered()
    today = datetime(2026, 11, 19, tzinfo=UTC)
    heard = {
        case.pk
        for case in waiting
        if case.messages.filter(at__gt=today, direction__in=("out", "call"))
        .exclude(purpose__in=("receipt", "reminder"))
        .exists()
    }
    silent = waiting.exclude(pk__in=heard).values_list("customer__name", flat=True)
    assert sorted(silent) == ["Daniel Reyes", "Mei Tanaka", "Yusuf Demir"]


def test_due_times_are_those_of_the_clock(seeded: datetime) -> None:
    def due(reference: str, kind: str) -> str:
        case = Case.objects.get(reference=reference)
        return case.promises.filter(kind=kind).latest("pk").due.strftime("%a %H:%M")

    assert due("HL-2057", "acknowledge") == "Thu 17:00"
    assert due("HL-2051", "acknowledge") == "Thu 09:30"
    assert due("HL-2054", "acknowledge") == "Thu 12:42"


def test_the_desk_lives_at_16_33_with_an_unbroken_journal(seeded: datetime) -> None:
    assert (
        timedelta(0) <= seeded - datetime(2026, 11, 19, 16, 33, tzinfo=UTC) < timedelta(seconds=9)
    )
    assert list(damage()) == []
    assert IncomingMail.objects.filter(is_readable=False).count() == 1
    assert not OutgoingMessage.objects.filter(state="queued").exists()
    assert OutgoingMessage.objects.filter(state="bounced").count() == 1
    assert Promise.objects.due_before(now()).count() == 0
    folder = demo.outgoing_folder()
    assert len(list((folder / "new").iterdir())) == OutgoingMessage.objects.count()


def test_everybody_shown_can_sign_in_and_the_link_opens(seeded: datetime, client: object) -> None:
    roles = [(each.role, Member.objects.get(email=each.email)) for each in demo.sign_ins()]
    assert [role for role, _ in roles] == ["agent", "lead", "leader", "operator"]
    assert all(member.role_id == role for role, member in roles)
    assert all(member.check_password(PASSWORD) for _, member in roles)
    path = demo.customer_link().removeprefix("http://desk.test")
    assert client.get(path).status_code == 200  # type: ignore[attr-defined]


def test_seeding_again_changes_nothing(seeded: datetime) -> None:
    before = Case.objects.count()
    demo.seed()
    assert Case.objects.count() == before


def test_a_restart_keeps_the_data_and_goes_on_with_its_clock(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data, "demo") as desk:
        assert "priya@harbourlane.example" in desk.said
        desk.mail("Is anybody there", to="support@harbourlane.example")
        assert desk.stop() == 0
    ask = asker(data)
    stood = datetime.fromisoformat(json.loads((data / "demo_clock.json").read_text())["now"])
    with serving(data, "demo") as desk:
        newer = "SELECT reference FROM cases_case WHERE id > 2057"
        wait_until(lambda: ask(newer) == [("HL-2058",)])
        link = next(line for line in desk.said.splitlines() if "A customer" in line)
        assert desk.url in link
        assert desk.get(link.partition(desk.url)[2])[0] == 200
        desk.stop()
    later = datetime.fromisoformat(json.loads((data / "demo_clock.json").read_text())["now"])
    assert timedelta(0) < later - stood < timedelta(seconds=30)


def test_a_real_desk_is_never_taken_for_a_demo(data: Path) -> None:
    done = goodword(data, "demo", "--reset", "--port", "0")
    assert done.returncode == 1
    assert "which is no demo" in done.stderr
