"""`goodword audit` on a mailbox whose every answer is known."""

import hashlib
import json
import re

import pytest

from tests.audit import made
from tests.cli.running import goodword


@pytest.fixture(scope="module")
def audited(tmp_path_factory):
    def run(source, *arguments):
        folder = tmp_path_factory.mktemp("audit")
        hours, report = folder / "hours.json", folder / "report.html"
        hours.write_text(json.dumps(made.HOURS))
        fixed = ("--schedule", str(hours), "--until", made.UNTIL, "--report", str(report))
        return goodword(folder, "audit", str(source), *fixed, *arguments), report

    return run


@pytest.fixture(scope="module")
def found(audited, tmp_path_factory):
    source = made.maildir(tmp_path_factory.mktemp("made") / "mail")
    done, _report = audited(source, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_we_are_who_is_at_both_ends_most(found):
    assert found["ours"] == "desk.example"


def test_answers_are_counted_in_open_time(found):
    hours = {each["asked"][1:3]: each["open_seconds"] / 3600 for each in found["answers"]}
    assert hours == {"a1": 2.0, "b1": 1.5, "c1": 0.5}
    assert found["median_open_seconds"] == 1.5 * 3600


def test_the_oldest_silence_begins_with_their_first_unanswered_letter(found):
    assert [each["message_id"][1:3] for each in found["silences"]] == ["d1", "e1"]
    assert found["silences"][0]["letters"] == 2
    assert "oldest silence is 11 days" in found["headline"]


def test_a_mail_in_the_last_hour_counts_the_same_day_or_not(found):
    assert found["last_hour"] == {"letters": 2, "same_day": 1}


def test_every_promise_is_there_with_what_followed(found):
    states = {each["message_id"][1:3]: each["state"] for each in found["promises"]}
    assert states == {
        "c2": "in time",
        "g1": "nothing",
        "h1": "late",
        "i1": "still open",
        "j1": "nothing",
    }
    assert found["promises_given"] == 5
    assert found["promises_without_follow_up"] == 2
    assert found["headline"].startswith("You gave your word 5 times; 2 have no follow-up;")


def test_what_is_left_out_is_said(found):
    assert found["left_out"] == {
        "written by machines": 1,
        "among ourselves": 1,
        "thanks and no question": 1,
    }


def test_an_mbox_says_the_same_as_a_maildir(found, audited, tmp_path):
    done, _report = audited(made.mbox(tmp_path / "box"), "--json")
    assert json.loads(done.stdout) == found


def test_the_mailbox_is_not_changed(audited, tmp_path):
    folder = made.maildir(tmp_path / "mail")
    before = {each: _state(each) for each in folder.rglob("*") if each.is_file()}
    audited(folder)
    assert {each: _state(each) for each in folder.rglob("*") if each.is_file()} == before


def _state(path):
    return path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_report_is_whole_by_itself_and_nothing_in_it_runs(audited, tmp_path):
    done, path = audited(made.maildir(tmp_path / "mail"))
    page = path.read_text(encoding="utf-8")
    assert "You gave your word 5 times" in done.stdout
    assert "You gave your word 5 times" in page
    assert "I&#x27;ll send the quote by Wednesday." in page
    assert "<svg" in page
    assert "<img" not in page
    assert "<script" not in page
    assert not re.search(r"<[^>]*\s(?:src|href|on\w+)=|url\(|@import", page)


def test_a_mailbox_that_does_not_show_who_we_are_asks_for_it(audited, tmp_path):
    lone = tmp_path / "one.eml"
    lone.write_bytes(made.mails()[0])
    done, _report = audited(lone)
    assert done.returncode == 1
    assert "--ours" in done.stderr


def test_a_path_that_is_not_there_is_said(audited, tmp_path):
    done, _report = audited(tmp_path / "nowhere")
    assert done.returncode == 1
    assert "is not there" in done.stderr


def test_a_server_without_tls_is_refused(audited):
    done, _report = audited("imap://me@mail.example/INBOX")
    assert done.returncode == 1
    assert "imaps://" in done.stderr
