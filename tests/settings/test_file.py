"""All settings as one file: complete, idempotent, checked whole, and without secrets."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.channels.mail.passwords import keep_password
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.people.models import SenderRule
from goodword.settings.changing import save
from goodword.settings.exporting import Plan, export, subjects
from goodword.settings.models import SettingChange
from goodword.settings.subjects.business import PageOfSettings
from goodword.settings.subjects.chosen import Sources, SpamMarks, Words
from goodword.settings.subjects.hours import Hours
from goodword.settings.subjects.mailboxes import MailboxSubject
from goodword.settings.subjects.teams import TeamSubject
from goodword.staff.models import Business, Schedule, Team
from tests.cast import HOURS, Desk
from tests.cli.running import goodword
from tests.desk.conftest import signed_in

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
DELE = "dele@harbourlane.example"


def furnish(desk: Desk) -> None:
    """Something of every kind."""
    by = desk.olu
    save(
        Hours("Night line"),
        {
            **HOURS,
            "holidays": "GB-ENG",
            "closed": [],
            "worked": [{"date": "2026-12-25", "name": "Sale"}],
            "versions": [{"from": "2026-12-01", "hours": {"mon-sun": [["20:00", "23:00"]]}}],
        },
        by=by,
    )
    line = {"days": "mon-fri", "from": "09:00", "to": "13:00", "who": DELE}
    cover = {
        "from": "2026-11-20",
        "to": "2026-11-23",
        "for": DELE,
        "who": "marta@harbourlane.example",
    }
    team = {"hours": "Night line", "week": [line], "covers": [cover]}
    save(TeamSubject("it-support"), team, by=by)
    save(
        MailboxSubject("billing@harbourlane.example"),
        {"name": "Billing", "team": "it-support", "imap_host": "imap.example.com"},
        by=by,
    )
    SenderRule.make("@spam.example", "spam", by=by)
    words = "{owner} hat es.\n\nSie hören bis {due} von uns."
    save(Words(), {"receipt.de": words}, by=by)
    save(SpamMarks(), {"marks": [{"header": "x-spam-flag", "says": "yes"}]}, by=by)
    save(
        Sources(),
        {
            "sources": [
                {
                    "name": "Monitoring",
                    "sender": "@monitor.example",
                    "team": "it-support",
                    "form": "within:240",
                }
            ]
        },
        by=by,
    )


def test_the_file_names_everything_and_holds_no_secret(desk: Desk) -> None:
    furnish(desk)
    keep_password(desk.mailbox, "imap", "hush hush", by=desk.olu)
    text = export()
    said = tomllib.loads(text)
    assert set(said) == {
        "hours",
        "team",
        "mailbox",
        "rule",
        "business",
        "look",
        "words",
        "spam",
        "sources",
        *(subject.kind for subject in subjects()),
    }
    assert said["team"]["it-support"]["week"][0]["who"] == DELE
    assert "hush" not in text and "imap_closed" not in text
    assert "# Stands on every customer’s page" in text


def test_applying_what_was_exported_changes_nothing(desk: Desk) -> None:
    furnish(desk)
    entries, text = Entry.objects.count(), export()
    assert Plan(text).tried(by=desk.olu) == []
    assert Plan(text).apply(by="system") == []
    assert (Entry.objects.count(), export()) == (entries, text)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=TEXT.filter(str.strip),
    phone=TEXT,
    postal=st.lists(TEXT, max_size=3),
    hue=st.integers(171, 359),
    opens=st.integers(0, 11),
    closes=st.integers(12, 24),
)
def test_whatever_is_set_comes_back_from_the_file(
    desk: Desk, name: str, phone: str, postal: list[str], hue: int, opens: int, closes: int
) -> None:
    with transaction.atomic():
        business = {"name": name, "phone": phone, "postal_address": "\n".join(postal)}
        save(PageOfSettings("business"), business, by=desk.olu)
        save(PageOfSettings("look"), {"brand_hue": hue}, by=desk.olu)
        week = {"mon-wed": [[f"{opens:02}:00", f"{closes:02}:00"]]}
        save(Hours("Opening hours"), {"hours": week}, by=desk.olu)
        text = export()
        assert Plan(text).apply(by="system") == []
        for each in (PageOfSettings("business"), PageOfSettings("look"), Hours("Opening hours")):
            said = tomllib.loads(text)[each.kind]
            assert (said[each.key] if each.key else said) == each.values()
        transaction.set_rollback(True)


def test_a_file_is_tried_without_a_trace_and_then_applied_at_once(desk: Desk) -> None:
    text = (
        '[business]\nphone = "123"\n\n'
        '[team.billing]\nname = "Billing"\nduty = "marta@harbourlane.example"\n'
    )
    steps = Plan(text).tried(by=desk.olu)
    assert [(step.subject, step.change) for step in steps] == [
        ("team:billing", "new"),
        ("business", "changed"),
    ]
    assert not Team.objects.filter(slug="billing").exists()
    assert not SettingChange.objects.exists()
    Plan(text).apply(by=desk.olu)
    assert Team.objects.get(slug="billing").duty == desk.marta
    assert Business.current().phone == "123"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[business]\nname = "X"\ncolour = "red"\n', "Line 3: “business.colour” is no"),
        ("\n[holidays]\nday = 1\n", "Line 2: “holidays” is no kind of setting"),
        ('[team."it-support"]\nname = "I"\n\nmanager = "x"\n', "Line 4: “team.it-support.manager”"),
        ("[business]\nname = \n", "cannot be read as TOML"),
        ("[hours]\nzone = 3\n", "has to be a table"),
    ],
)
def test_a_key_that_nobody_knows_is_named_with_its_line(desk: Desk, text: str, line: str) -> None:
    with pytest.raises(Refused) as refused:
        Plan(text)
    assert line in str(refused.value.sentence)


def test_one_bad_value_and_nothing_is_changed(desk: Desk) -> None:
    text = (
        '[hours."Opening hours"]\nzone = "Europe/Atlantis"\n\n[business]\nphone = "123"\n'
        'prefix = "TOO LONG"\n\n[team.it-support]\nname = "Other"\n'
    )
    with pytest.raises(Refused) as refused:
        Plan(text).apply(by=desk.olu)
    said = str(refused.value.sentence).splitlines()
    assert said[0].startswith("Line 1, hours:Opening hours:") and "Atlantis" in said[0]
    assert said[1].startswith("Line 4, business:")
    assert (Business.current().phone, Schedule.objects.count()) == ("020 7946 0140", 1)
    assert Team.objects.filter(name="IT support").exists()


def test_the_page_shows_what_would_change_and_then_does_it(desk: Desk) -> None:
    olu = signed_in(desk.olu)
    answer = olu.get("/settings/file/download/")
    assert answer["Content-Disposition"].startswith("attachment")
    text = answer.content.decode().replace("020 7946 0140", "020 7946 0999")
    seen = olu.post("/settings/file/", {"text": text})
    assert "020 7946 0999" in seen.content.decode() and len(seen.context["steps"]) == 1
    assert Business.current().phone == "020 7946 0140"
    olu.post("/settings/file/", {"text": text, "apply": "1"})
    assert Business.current().phone == "020 7946 0999"
    bad = olu.post("/settings/file/", {"text": text + "\n[nonsense]\n"})
    assert bad.status_code == 422 and "[nonsense]" in bad.content.decode()
    sent: Any = {"file": SimpleUploadedFile("logo.toml", b"\xff\xfe\x00")}
    assert "no text in UTF-8" in olu.post("/settings/file/", sent).content.decode()


def test_the_command_exports_and_applies(data: Path, tmp_path: Path) -> None:
    done = goodword(data, "settings", "export")
    assert done.returncode == 0, done.stderr
    file = tmp_path / "settings.toml"
    file.write_text(done.stdout.replace('name = "Harbour Lane"', 'name = "Harbour Row"', 1))
    tried = goodword(data, "settings", "apply", str(file), "--dry-run")
    assert "Harbour Lane → Harbour Row" in tried.stdout
    assert goodword(data, "settings", "apply", str(file)).returncode == 1
    assert goodword(data, "settings", "apply", str(file), "--yes").returncode == 0
    again = goodword(data, "settings", "apply", str(file), "--yes")
    assert "Everything stands like that already" in again.stdout
