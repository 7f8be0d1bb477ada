"""`goodword due`: the clock, for anyone with a table to check it against."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.running import goodword

HOURS = {"zone": "America/New_York", "hours": {"mon-fri": [["09:00", "17:00"]]}}
TESTDATA = Path(os.environ.get("GOODWORD_TESTDATA") or "../shared/data")
VECTORS = TESTDATA.parent / "spec/clock_vectors.json"


def lines(tmp_path, asked):
    text = "".join(json.dumps(each) + "\n" if isinstance(each, dict) else each for each in asked)
    done = goodword(tmp_path, "due", "--jsonl", stdin=text.encode())
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_a_form_an_instant_and_a_schedule_give_the_due_time_and_its_arithmetic(tmp_path):
    path = tmp_path / "hours.json"
    path.write_text(json.dumps(HOURS))
    start = "2026-03-06T16:00-05:00"
    done = goodword(tmp_path, "due", "within:120", "--from", start, "--schedule", str(path))
    answer = json.loads(done.stdout)
    assert answer["due"] == "2026-03-09T10:00:00-04:00"
    assert answer["explain"]["open_seconds"] == 7200
    assert "the weekend" in answer["explain"]["sentence"]


def test_every_line_is_answered_and_a_wrong_one_says_why(tmp_path):
    good = {"id": "a", "form": "first_thing:60", "schedule": HOURS, "start": "2026-06-10T16:30"}
    code, answers = lines(
        tmp_path, [good, "nonsense\n", {"id": "b"}, {**good, "id": "c", "form": "soon"}]
    )
    assert code == 1
    assert answers[0]["opens"] == "2026-06-11T09:00:00-04:00"
    assert answers[0]["due"] == "2026-06-11T10:00:00-04:00"
    assert [answer["id"] for answer in answers[1:]] == [2, "b", "c"]
    assert all(answer["error"] for answer in answers[1:])


def test_days_of_calendar_files_are_closed(tmp_path):
    path, calendar = tmp_path / "hours.json", tmp_path / "closed.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20000309\nRRULE:FREQ=YEARLY\n"
        "SUMMARY:Founding day\nEND:VEVENT\nEND:VCALENDAR\n"
    )
    asked = ["due", "within:120", "--from", "2026-03-06T16:00-05:00", "--schedule", str(path)]
    for said, more in ((HOURS, ["--ical", str(calendar)]), (HOURS | {"ical": "closed.ics"}, [])):
        path.write_text(json.dumps(said))
        answer = json.loads(goodword(tmp_path, *asked, *more).stdout)
        assert answer["due"] == "2026-03-10T10:00:00-04:00"
        assert "Founding day (Mon 9 Mar)" in answer["explain"]["sentence"]
    calendar.write_text("nothing")
    done = goodword(tmp_path, *asked, "--ical", str(calendar))
    assert done.returncode != 0 and "is no calendar" in done.stderr


def test_a_call_without_its_parts_says_what_to_give(tmp_path):
    done = goodword(tmp_path, "due", "within:120")
    assert done.returncode == 2
    assert "--schedule" in done.stderr


@pytest.mark.testdata
@pytest.mark.skipif(not VECTORS.exists(), reason="there is no clock_vectors.json beside the data")
def test_the_vectors_of_the_clock_come_out_right(tmp_path):
    vectors = json.loads(VECTORS.read_text())
    expected = {each["id"]: each.pop("due") for each in vectors}
    code, answers = lines(tmp_path, vectors)
    assert code == 0
    found = {
        answer["id"]: answer["due"].replace(":00-", "-").replace(":00+", "+") for answer in answers
    }
    assert found == expected
