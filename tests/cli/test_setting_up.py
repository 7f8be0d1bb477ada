"""init, check, member, team, mailbox: what a newcomer types, and what each says."""

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Ask
from tests.cli.running import INIT, a_mail, goodword


def test_every_command_explains_itself_with_an_example(tmp_path: Path) -> None:
    commands = [
        (), ("serve",), ("web",), ("mail",), ("worker",), ("demo",), ("init",), ("check",),
        ("member",), ("member", "add"), ("member", "revoke"), ("team",), ("team", "add"),
        ("mailbox",), ("mailbox", "add"), ("ingest",), ("read",),
    ]  # fmt: skip
    from click.testing import CliRunner

    from goodword.config.cli import commands as group

    for words in commands:
        said = CliRunner().invoke(group, [*words, "--help"]).output
        assert "Example: goodword" in said or words == ()
    assert "Exit codes" in CliRunner().invoke(group, ["--help"]).output


def test_init_keeps_secrets_in_a_file_of_its_owner_alone(data: Path) -> None:
    file = data / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_init_twice_says_what_is_there_and_changes_nothing(data: Path, ask: Ask) -> None:
    done = goodword(data, *INIT)
    assert done.returncode == 0
    assert done.stdout.count("here already") == 4
    assert ask("SELECT count(*) FROM staff_member") == [(1,)]


def test_init_keeps_mail_passwords_where_nobody_can_read_them(tmp_path: Path) -> None:
    data = tmp_path / "data"
    passwords = {
        "GOODWORD_INIT_IMAP_PASSWORD": "imap secret 1",
        "GOODWORD_INIT_SMTP_PASSWORD": "smtp secret 2",
    }
    servers = ("--imap", "imap.example:993", "--smtp", "smtp.example:587")
    done = goodword(data, *INIT, *servers, env=passwords)
    assert done.returncode == 0, done.stderr
    assert set(json.loads((data / "secrets.json").read_text())) == {"secret_key"}
    files = [file.read_bytes() for file in data.glob("*") if file.is_file()]
    assert not any(b"secret 1" in content or b"secret 2" in content for content in files)


@pytest.mark.parametrize("address", ["noreply@harbour.example", "do-not-reply@harbour.example"])
def test_init_refuses_an_address_that_nobody_reads(tmp_path: Path, address: str) -> None:
    flags = [address if word == "help@harbour.example" else word for word in INIT]
    done = goodword(tmp_path / "data", *flags)
    assert done.returncode == 1
    assert "nobody reads the answers" in done.stderr


def test_init_says_which_flags_are_missing(tmp_path: Path) -> None:
    done = goodword(tmp_path / "data", "init", "--no-input")
    assert done.returncode == 2
    assert "--name, --address" in done.stderr


def test_init_asks_for_what_is_not_given(tmp_path: Path) -> None:
    answers = "Harbour Lane\nhelp@harbour.example\nEurope/London\nmon-fri 09:00-17:00\n\n\n"
    answers += "Ada Bell\nada@harbour.example\nleader\nnine plain words\nnine plain words\n"
    done = goodword(tmp_path / "data", "init", stdin=answers.encode())
    assert done.returncode == 0, done.stderr
    assert "Next: goodword check" in done.stdout


def test_init_refuses_hours_that_cannot_be(tmp_path: Path) -> None:
    flags = ["mon-fri nine to five" if word.startswith("mon-sun") else word for word in INIT]
    done = goodword(tmp_path / "data", *flags)
    assert (done.returncode, "no opening time" in done.stderr) == (1, True)


def test_check_finds_what_is_wrong_and_says_what_to_do(data: Path) -> None:
    done = goodword(data, "check", "--offline")
    assert done.returncode == 1
    assert "✗ GOODWORD_URL is not set" in done.stdout
    well = goodword(data, "check", "--offline", env={"GOODWORD_URL": "https://desk.example"})
    assert (well.returncode, "All is well" in well.stdout) == (0, True)


def test_check_sees_secrets_that_others_can_read(data: Path) -> None:
    (data / "secrets.json").chmod(0o644)
    done = goodword(data, "check", "--offline", env={"GOODWORD_URL": "https://desk.example"})
    assert done.returncode == 1
    assert "chmod 600" in done.stdout


def test_check_tries_to_sign_in_to_mail_servers(data: Path) -> None:
    added = goodword(
        data, "mailbox", "add", "billing@harbour.example", "--team", "Support",
        "--imap", "127.0.0.1:1", "--imap-security", "none",
    )  # fmt: skip
    assert added.returncode == 0, added.stderr
    done = goodword(data, "check", env={"GOODWORD_URL": "https://desk.example"})
    assert "✗ billing@harbour.example: 127.0.0.1 cannot be read" in done.stdout


def test_check_lists_every_setting(data: Path) -> None:
    from goodword.config.options import OPTIONS

    done = goodword(data, "check", "--settings", env={"COLUMNS": "200"})
    assert all(option.name in done.stdout for option in OPTIONS)


def test_a_setting_that_cannot_be_read_is_named(data: Path) -> None:
    done = goodword(data, "check", env={"GOODWORD_HTTP_PORT": "eight thousand"})
    assert done.returncode == 1
    assert "GOODWORD_HTTP_PORT" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_members_teams_and_their_duty(data: Path, ask: Ask) -> None:
    assert goodword(data, "member", "add", "Ben Okoro", "ben@harbour.example").returncode == 0
    done = goodword(data, "team", "add", "Billing", "--duty", "ben@harbour.example")
    assert "Ben Okoro is on duty" in done.stdout
    again = goodword(data, "member", "add", "Ben Okoro", "ben@harbour.example")
    assert (again.returncode, "member with the address" in again.stderr) == (1, True)
    listed = goodword(data, "member", "list").stdout
    assert "ben@harbour.example" in listed
    assert "Billing" in listed


def test_revoking_passes_the_duty_on_and_the_last_one_cannot_leave(data: Path, ask: Ask) -> None:
    goodword(data, "member", "add", "Ben Okoro", "ben@harbour.example")
    goodword(data, "team", "add", "Billing", "--duty", "ben@harbour.example")
    done = goodword(data, "member", "revoke", "ben@harbour.example")
    assert "Ada Bell has 0 cases and 0 promises of theirs, and the duty of 1 teams" in done.stdout
    last = goodword(data, "member", "revoke", "ada@harbour.example")
    assert last.returncode == 1
    assert "Nobody could run this desk any more" in last.stderr
    assert ask("SELECT is_active FROM staff_member WHERE email LIKE 'ada%'") == [(1,)]


def test_a_password_is_changed(data: Path, ask: Ask) -> None:
    before = ask("SELECT password FROM staff_member")
    new = {"GOODWORD_MEMBER_PASSWORD_PASSWORD": "ten other plain words"}
    done = goodword(data, "member", "password", "ada@harbour.example", env=new)
    assert done.returncode == 0, done.stderr
    assert ask("SELECT password FROM staff_member") != before


def test_the_search_is_read_anew_while_nothing_is_lost(data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_mail("Zebra"))
    assert goodword(data, "ingest", str(tmp_path / "a.eml")).returncode == 0
    for _again in range(2):
        done = goodword(data, "reindex")
        assert done.returncode == 0, done.stderr
        assert done.stdout == "Messages read: 1. All that is stored can be found.\n"
    assert "The search" not in goodword(data, "check", "--offline").stdout
