"""ingest and read: mail out of files."""

import email
import json
import mailbox
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from goodword.channels.mail.models import IncomingMail, Mailbox
from goodword.channels.mail.obstacles import NoRoom
from goodword.channels.mail.taking import take
from goodword.config.ingesting import Ingest
from tests.cast import Desk
from tests.cli.conftest import Ask
from tests.cli.running import ADDRESS, a_mail, goodword


def _folder(path: Path) -> Path:
    path.mkdir()
    for number in range(3):
        (path / f"{number}.eml").write_bytes(a_mail(f"Letter {number}"))
    box = mailbox.mbox(path / "old.mbox")
    box.add(a_mail("Out of a mbox"))
    box.add(a_mail("Out of a mbox too"))
    box.close()
    maildir = mailbox.Maildir(path / "kept", create=True)
    maildir.add(a_mail("Out of a maildir"))
    return path


def test_everything_below_a_folder_is_brought_in_and_twice_is_once(
    data: Path, tmp_path: Path, ask: Ask
) -> None:
    folder = _folder(tmp_path / "mails")
    first = goodword(data, "ingest", str(folder))
    assert first.returncode == 0, first.stderr
    assert "6  taken" in first.stdout
    second = goodword(data, "ingest", str(folder))
    assert "0  taken" in second.stdout
    assert "6  here already" in second.stdout
    assert ask("SELECT count(*) FROM cases_case") == [(6,)]
    assert ask("SELECT count(*) FROM cases_outgoingmessage") == [(0,)]


def test_a_file_that_cannot_be_taken_is_named(data: Path, tmp_path: Path, ask: Ask) -> None:
    (tmp_path / "empty.eml").write_bytes(b"")
    (tmp_path / "good.eml").write_bytes(a_mail("Good"))
    paths = [tmp_path / "empty.eml", tmp_path / "gone.eml", tmp_path / "good.eml"]
    done = goodword(data, "ingest", *map(str, paths))
    assert done.returncode == 1
    assert f"{tmp_path}/empty.eml: the file is empty" in done.stderr
    assert f"{tmp_path}/gone.eml: No such file" in done.stderr
    assert ask("SELECT title FROM cases_case") == [("Good",)]


def test_headers_say_when_and_history_opens_clocks_only_where_they_spoke_last(
    data: Path, tmp_path: Path, ask: Ask
) -> None:
    (tmp_path / "a.eml").write_bytes(a_mail("From long ago"))
    done = goodword(data, "ingest", str(tmp_path / "a.eml"), "--received", "header", "--history")
    assert done.returncode == 0, done.stderr
    assert str(ask("SELECT at FROM cases_message")[0][0]).startswith("2026-11-16 10:00")
    kinds = ask("SELECT kind FROM promises_promise ORDER BY kind")
    assert kinds == [("acknowledge",), ("reply",)]


def test_history_brings_our_own_answers_along_and_opens_no_clock_by_them(
    data: Path, tmp_path: Path, ask: Ask
) -> None:
    theirs = email.message_from_bytes(a_mail("Old and answered"))
    ours = EmailMessage()
    ours["From"], ours["To"] = f"Support <{ADDRESS}>", theirs["From"]
    ours["Subject"] = "Re: Old and answered"
    ours["Date"] = "Mon, 16 Nov 2026 11:00:00 +0000"
    ours["Message-ID"], ours["In-Reply-To"] = "<ours@harbourlane.example>", theirs["Message-ID"]
    ours.set_content("It is done.")
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "b.eml").write_bytes(theirs.as_bytes())
    (folder / "a.eml").write_bytes(ours.as_bytes())
    asked = ("ingest", str(folder), "--history")
    for said in ("1  our own answers", "1  here already"):
        done = goodword(data, *asked)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout
    messages = ask("SELECT direction, case_id FROM cases_message ORDER BY dated")
    assert [direction for direction, _case in messages] == ["in", "out"]
    assert len({case for _direction, case in messages}) == 1
    assert ask("SELECT count(*) FROM promises_promise WHERE kind = 'acknowledge'") == [(0,)]
    assert ask("SELECT count(*) FROM cases_outgoingmessage") == [(0,)]
    assert ask("SELECT move, last_side FROM cases_case") == [("theirs", "us")]


def test_history_makes_a_case_of_what_we_wrote_first_in_which_no_clock_runs(
    data: Path, tmp_path: Path, ask: Ask
) -> None:
    ours = EmailMessage()
    ours["From"], ours["To"] = f"Support <{ADDRESS}>", "Gus Mill <gus@mill.example>"
    ours["Subject"], ours["Date"] = "Your lease ends", "Mon, 16 Nov 2026 11:00:00 +0000"
    ours["Message-ID"] = "<first@harbourlane.example>"
    ours.set_content("Shall we renew it?")
    (tmp_path / "first.eml").write_bytes(ours.as_bytes())
    for said in (True, False):
        done = goodword(data, "ingest", str(tmp_path / "first.eml"), "--history")
        assert done.returncode == 0, done.stderr
        assert ("1  cases that we began" in done.stdout) == said
    case = "SELECT title, move, last_side, next_due, substr(opened_at, 1, 16) FROM cases_case"
    assert ask(case) == [("Your lease ends", "theirs", "us", None, "2026-11-16 11:00")]
    assert ask("SELECT name FROM people_customer") == [("Gus Mill",)]
    assert ask("SELECT count(*) FROM promises_promise") == [(0,)]
    assert ask("SELECT count(*) FROM cases_outgoingmessage") == [(0,)]


def test_ingest_into_an_address_that_is_not_ours_is_refused(data: Path, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(a_mail("Whose"))
    done = goodword(data, "ingest", str(tmp_path / "a.eml"), "--mailbox", "else@where.example")
    assert (done.returncode, "no mailbox of this desk" in done.stderr) == (1, True)


def test_read_prints_a_line_a_mail_and_needs_no_desk(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "mails")
    (folder / "odd.eml").write_bytes(b"\xff\xfe\x00 no mail at all")
    files = [str(folder / "0.eml"), str(folder / "odd.eml"), str(folder / "old.mbox"), "-"]
    done = goodword(tmp_path / "none", "read", *files, stdin=a_mail("From the pipe"))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["subject"] for line in lines] == [
        "Letter 0", "", "Out of a mbox", "Out of a mbox too", "From the pipe",
    ]  # fmt: skip
    assert [Path(line["file"]).name for line in lines] == [
        "0.eml", "odd.eml", "old.mbox:1", "old.mbox:2", "-",
    ]  # fmt: skip
    assert set(lines[0]) == {
        "file", "from", "to", "subject", "date", "text", "reply_text", "attachments",
        "automatic", "bounce", "readable",
    }  # fmt: skip
    assert not (tmp_path / "none").exists()


def test_read_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    done = goodword(tmp_path, "read", str(tmp_path / "gone.eml"))
    assert done.returncode == 1
    assert "No such file" in done.stderr


@pytest.mark.django_db(transaction=True)
def test_of_several_that_are_taken_together_one_that_cannot_be_falls_alone(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("First", "Full", "Last"):
        (tmp_path / f"{name}.eml").write_bytes(a_mail(name))

    def kept(raw: bytes, **named: Any) -> list[IncomingMail]:
        if b"Subject: Full" in raw:
            raise NoRoom("database or disk is full")
        return take(raw, **named)

    monkeypatch.setattr("goodword.config.ingesting.take", kept)
    box = Mailbox.objects.get()
    ingest = Ingest(box, dates_as_written=False, is_history=False)
    ingest.run([tmp_path])
    assert ingest.troubles == [f"{tmp_path / 'Full.eml'}: database or disk is full"]
    assert (ingest.taken, ingest.known) == (2, 0)
    subjects = IncomingMail.objects.filter(mailbox=box, state="placed").values_list("subject")
    assert [each for (each,) in subjects.order_by("pk")] == ["First", "Last"]
