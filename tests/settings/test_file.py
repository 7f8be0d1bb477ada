"""All settings as one file: complete, idempotent, checked whole, and without secrets."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.cases.duty import change_duties
from goodword.cases.leaving import revoke
from goodword.cases.models.tag import Tag
from goodword.channels.mail.models import MailApp
from goodword.channels.mail.oauth.providers import ready
from goodword.channels.mail.passwords import keep_password
from goodword.core import files
from goodword.core.refusals import Refused
from goodword.finding.models import View
from goodword.journal.models import Entry
from goodword.people.models import SenderRule
from goodword.settings.changing import save, undo
from goodword.settings.drawing import kept
from goodword.settings.exporting import Plan, export, subjects
from goodword.settings.models import SettingChange
from goodword.settings.owing import owed
from goodword.settings.subjects import subject_of
from goodword.settings.subjects.apps import AppSubject
from goodword.settings.subjects.business import PageOfSettings
from goodword.settings.subjects.chosen import Sources, SpamMarks, Words
from goodword.settings.subjects.home import Home
from goodword.settings.subjects.hours import Hours
from goodword.settings.subjects.mailboxes import MailboxSubject
from goodword.settings.subjects.members import MemberSubject
from goodword.settings.subjects.roles import RoleSubject
from goodword.settings.subjects.teams import TeamSubject
from goodword.staff.inviting import accept
from goodword.staff.joining import add_team
from goodword.staff.key import Key
from goodword.staff.letter import Letter
from goodword.staff.models import Business, Member, Role, Schedule, Team
from tests.cast import HOURS, PASSWORD, Desk, member
from tests.cli.running import goodword
from tests.desk.conftest import signed_in

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)
DELE = "dele@harbourlane.example"
ANOTHER = {
    "client_id": "goodword-desk",
    "authorize_url": "https://login.example.com/authorize",
    "token_url": "https://login.example.com/token",
    "revoke_url": "",
    "scope": "mail offline_access openid email",
}


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


def settle_in(desk: Desk) -> None:
    """Roles, tags and people as well, so that a file has something of every kind."""
    furnish(desk)
    by = desk.jonas
    evening = {"name": "Evening", "rights": ["answer", "own", "see_team"], "second_factor": 14}
    save(RoleSubject("evening"), evening, by=by)
    save(RoleSubject("operator"), {"second_factor": 0}, by=by)
    save(MemberSubject("eve@harbourlane.example"), {"name": "Eve Ning", "role": "evening"}, by=by)
    save(TeamSubject("virtual-offices"), {"members": ["eve@harbourlane.example"]}, by=by)
    save(AppSubject("google"), {"client_id": "desk.apps.example"}, by=by)
    save(AppSubject("another"), ANOTHER, by=by)
    View.keep("Down", "tag:outage is:open", by=by, for_all=True)
    for name, query in (("Broken", "promise:broken"), ("Mine", 'owner:me "two words"')):
        View.keep(name, query, by=by, team=desk.support)
    View.keep("My own", "is:open", by=by)
    View.objects.get(name="Mine").move(by=by, up=True)
    vip, important = Tag.make("VIP", by=by, team=desk.offices), Tag.make("Important", by=by)
    vip.merge_into(important, by=by)
    Tag.make("Gone", by=by).retire(by=by)
    save(Home(), {"team": "virtual-offices"}, by=by)
    shape = b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><path d='M0 0h9'/></svg>"
    save(PageOfSettings("look"), {"logo": kept(shape)}, by=by)


def begin_anew() -> Member:
    """Another desk, as `init` leaves it: hours, a first member, a team."""
    connection.check_constraints()  # what is deferred would stand in the way
    call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=True)
    Role.ensure_built_in()
    hours = Schedule.objects.create(
        name="Opening hours", content={"zone": "UTC", "hours": {"mon-sun": [["00:00", "24:00"]]}}
    )
    business = Business.objects.create(name="Another", schedule=hours)
    first = member("Jonas Weber", Role.LEADER)
    business.home_team = add_team("First team", first, by="system")
    business.save()
    return first


def test_a_desk_applied_to_an_empty_one_gives_the_same_file(desk: Desk) -> None:
    settle_in(desk)
    text, logo = export(), Business.current().logo
    with transaction.atomic():
        first = begin_anew()
        files.path_of(logo[:64]).unlink()
        assert export() != text
        gone = "\n[team.first-team]\nremoved = true\n"
        steps = Plan(text + gone).apply(by=first)
        assert steps[-1].change == "gone"
        assert export() == text
        assert Letter.objects.filter(kind=Key.Purpose.INVITE).count() == 8
        assert Plan(text).apply(by=first) == []
        transaction.set_rollback(True)


def test_who_was_invited_by_a_file_is_on_duty_once_they_come_in(desk: Desk) -> None:
    text = (
        '[member."nia@harbourlane.example"]\nname = "Nia"\nrole = "agent"\n\n'
        '[team.night]\nname = "Night"\nduty = "nia@harbourlane.example"\n'
    )
    Plan(text).apply(by=desk.jonas)
    team = Team.objects.get(slug="night")
    assert team.duty == desk.jonas
    key = Key.objects.get(member__email="nia@harbourlane.example")
    accept(key, name="Nia", password=PASSWORD)
    change_duties()
    team.refresh_from_db()
    assert team.duty.email == "nia@harbourlane.example"
    assert Plan(text).apply(by=desk.jonas) == []


def test_what_a_file_takes_away_is_said_before_it_goes(desk: Desk) -> None:
    SenderRule.make("@spam.example", "spam", by=desk.olu)
    text = (
        '[rule."@spam.example"]\nremoved = true\n\n'
        f'[member."{DELE}"]\nremoved = true\n\n[role.nobody]\nremoved = true\n'
    )
    olu = signed_in(desk.olu)
    page = olu.post("/settings/file/", {"text": text}).content.decode()
    assert page.count("is taken away") == 2
    desk.dele.refresh_from_db()
    assert desk.dele.is_active and SenderRule.objects.filter(ended_at=None).exists()
    olu.post("/settings/file/", {"text": text, "apply": "1"})
    desk.dele.refresh_from_db()
    assert not desk.dele.is_active and not SenderRule.objects.filter(ended_at=None).exists()
    assert DELE not in tomllib.loads(export())["member"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("PHN2Zz4=", "not the file that its name says"),
        ("no base64", "is no file"),
    ],
)
def test_a_file_brings_no_logo_but_one_that_was_drawn_here(
    desk: Desk, content: str, said: str
) -> None:
    text = f'[files]\n"{"a" * 64}.svg" = "{content}"\n'
    with pytest.raises(Refused) as refused:
        Plan(text).tried(by=desk.olu)
    assert said in str(refused.value.sentence)


def test_a_file_gives_nobody_what_its_member_may_not_give(desk: Desk) -> None:
    revoke(desk.tom, by=desk.jonas)
    for text, code in (
        ('[member."x@y.example"]\nname = "X"\nrole = "leader"\n', "NOT_YOURS_TO_GIVE"),
        ('[role.all]\nname = "All"\nrights = ["sign"]\n', "NOT_YOURS_TO_GIVE"),
        (f'[member."{desk.tom.email}"]\nname = "T"\nrole = "agent"\n', "has ended"),
        (f'[member."{desk.jonas.email}"]\nremoved = true\n', "NOT_YOURS_TO_GIVE"),
        (f'[member."{desk.olu.email}"]\nremoved = true\n', "Somebody else"),
        ("[home]\nremoved = true\n", "is no setting here"),
        ("[team.it-support]\nremoved = true\n", "so it stays"),
    ):
        before = export()
        with pytest.raises(Refused) as refused:
            Plan(text).apply(by=desk.olu)
        said = "a right that they do not have" if code == "NOT_YOURS_TO_GIVE" else code
        assert said in str(refused.value.sentence)
        assert export() == before


def shared(team: Team | None) -> list[str]:
    there = View.objects.filter(owner=None, team=team, removed_at=None)
    return [f"{view.name}: {view.query}" for view in there]


def test_shared_views_come_along_in_their_order_and_what_is_gone_goes(desk: Desk) -> None:
    settle_in(desk)
    text = export()
    assert [view["name"] for view in tomllib.loads(text)["views"]["it-support"]["views"]] == [
        "Mine",
        "Broken",
    ]
    assert "My own" not in text
    other = (
        '[views.it-support]\nviews = [{name = "Broken", query = "promise:broken is:open"},\n'
        '{name = "Mine", query = "owner:me \\"two words\\""}, {name = "New", query = "tag:vip"}]\n'
        '[views."*"]\nremoved = true\n'
    )
    steps = Plan(other).apply(by=desk.jonas)
    assert [(step.subject, step.change) for step in steps] == [
        ("views:it-support", "changed"),
        ("views:*", "gone"),
    ]
    assert shared(desk.support) == [
        "Broken: promise:broken is:open",
        'Mine: owner:me "two words"',
        "New: tag:vip",
    ]
    assert shared(None) == [] and View.objects.get(name="My own").removed_at is None
    for change in SettingChange.objects.filter(subject__startswith="views:"):
        undo(change, subject_of, by=desk.jonas)
    assert export() == text and View.objects.count() == 5


def test_a_file_of_an_older_version_leaves_views_and_apps_as_they_are(desk: Desk) -> None:
    settle_in(desk)
    before = export()
    older = tomllib.loads(before)
    assert {"app", "views"} < set(older)
    kept = [part for part in before.split("\n[") if not part.startswith(("app.", "views."))]
    text = "\n[".join(kept)
    assert not {"app", "views"} & set(tomllib.loads(text))
    assert Plan(text).apply(by="system") == []
    assert export() == before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[views.nowhere]\nviews = [{name = "A", query = "is:open"}]\n', "no team “nowhere”"),
        ('[views."*"]\nviews = [{name = "A", query = "promise:brokn"}]\n', "not understood"),
        ('[views."*"]\nviews = [{name = "A"}]\n', "a name and a query"),
        ('[views."*"]\nviews = [{name = 3, query = ["is:open"]}]\n', "a name and a query"),
        ('[views."*"]\nviews = "is:open"\n', "a name and a query"),
        ('[views."*"]\nviews = [{name = " ", query = "is:open"}]\n', "Give the view a name"),
        ('[views."*"]\nviews = [' + '{name = "A", query = "is:open"},' * 21 + "]\n",
         "At most 20 views"),
        ('[app.nobody]\nclient_id = "x"\n', "no provider “nobody”"),
        ('[app.google]\nclient_id = ""\n', "Write the client ID"),
        ('[app.google]\nclient_id = 7\n', "no text"),
        ('[app.google]\nclient_id = "x"\nsecret = "s"\n', "is no setting here"),
        ('[app.microsoft]\nclient_id = "x"\ntenant = "evil.example/x#"\n', "A tenant is"),
        ('[app.another]\nclient_id = "x"\nauthorize_url = "javascript:alert(1)"\n'
         'token_url = "https://a.example/"\nscope = "mail"\n', "has to begin with https"),
    ],
)  # fmt: skip
def test_views_and_apps_that_are_not_sound_are_told_plainly(
    desk: Desk, text: str, said: str
) -> None:
    with pytest.raises(Refused) as refused:
        Plan(text).apply(by="system")
    assert said in str(refused.value.sentence) and "Line " in str(refused.value.sentence)
    assert not View.objects.exists() and not MailApp.objects.exists()


def test_a_file_changes_no_view_that_its_member_may_not_change(desk: Desk) -> None:
    settle_in(desk)
    assert not View(team=desk.support).may_be_changed_by(desk.olu)
    assert Plan(export()).apply(by=desk.olu) == []
    with pytest.raises(Refused) as refused:
        Plan('[views."*"]\nremoved = true\n').apply(by=desk.olu)
    assert "A lead of the team may change it" in str(refused.value.sentence)
    assert shared(None) == ["Down: tag:outage is:open"]


def test_a_file_asks_for_the_secrets_that_it_does_not_hold(desk: Desk) -> None:
    settle_in(desk)
    assert "the secrets of apps, are never in it" in export()
    plan = Plan(export())
    missing = {each.what: each for each in owed(plan.subjects)}
    assert list(missing) == [
        "The secret of the app for Google",
        "The secret of the app for Another provider",
        "The IMAP password of billing@harbourlane.example",
    ]
    for each in missing.values():
        each.keep("hush hush", desk.olu)
    assert list(owed(plan.subjects)) == [] and ready("google").secret == "hush hush"
    assert "hush" not in export() + str(list(Entry.objects.values()))
    MailApp.objects.filter(provider="google").update(secret_closed="")
    text = export().replace("desk.apps.example", "other.apps.example")
    said = signed_in(desk.olu).post("/settings/file/", {"text": text, "apply": "1"}, follow=True)
    assert "The secret of the app for Google is still missing" in said.content.decode()
    assert MailApp.objects.get(provider="google").client_id == "other.apps.example"


def test_the_file_names_everything_and_holds_no_secret(desk: Desk) -> None:
    settle_in(desk)
    keep_password(desk.mailbox, "imap", "hush hush", by=desk.olu)
    text = export()
    said = tomllib.loads(text)
    assert set(said) == {
        "hours",
        "team",
        "mailbox",
        "rule",
        "app",
        "views",
        "role",
        "member",
        "tag",
        "home",
        "files",
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
    file.write_text('[app.google]\nclient_id = "desk.apps.example"\n')
    app = goodword(data, "settings", "apply", str(file), "--yes")
    assert "The secret of the app for Google is still missing" in app.stdout
    assert "/settings/mailboxes/oauth/google/" in app.stdout
