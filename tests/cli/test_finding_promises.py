"""`goodword find-promises`: the finder, for anyone who wants to check it."""

import json

from tests.cli.running import goodword

HOURS = {"zone": "Europe/London", "hours": {"mon-fri": [["09:00", "17:00"]]}}


def asked(tmp_path, *arguments, stdin):
    path = tmp_path / "hours.json"
    path.write_text(json.dumps(HOURS))
    fixed = ("--at", "2026-11-18T11:05", "--schedule", str(path))
    return goodword(tmp_path, "find-promises", *fixed, *arguments, stdin=stdin.encode())


def test_a_text_gives_its_promises(tmp_path):
    text = "Thanks for the photo. I'll call you within two business days."
    done = asked(tmp_path, stdin=text)
    (found,) = json.loads(done.stdout)["promises"]
    assert text[found["start"] : found["end"]] == "I'll call you within two business days."
    assert found["when"] == "within two business days"
    assert found["kind"] == "callback"
    assert found["form"] == "end_of_nth_business_day:2"
    assert found["due"] == "2026-11-20T17:00:00+00:00"
    assert found["vague"] is False
    assert 0.65 <= found["confidence"] <= 1


def test_every_line_is_answered_in_its_order(tmp_path):
    lines = [
        {"id": "a", "text": "I'll send it ASAP."},
        {"id": "b", "text": "Thanks!"},
        {"id": "c", "text": "I'll call you at 4.", "at": "2026-12-01T08:00"},
    ]
    stdin = "".join(json.dumps(each) + "\n" for each in lines) + "nonsense\n"
    done = asked(tmp_path, "--jsonl", stdin=stdin)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [answer["id"] for answer in answers] == ["a", "b", "c", 4]
    assert answers[0]["promises"][0]["vague"] is True
    assert answers[1]["promises"] == []
    assert answers[2]["promises"][0]["due"] == "2026-12-01T16:00:00+00:00"
    assert answers[3]["error"]


def test_hours_that_cannot_be_read_are_said(tmp_path):
    missing = goodword(
        tmp_path, "find-promises", "--at", "2026-11-18T11:05", "--schedule", str(tmp_path / "none")
    )
    assert missing.returncode == 1
    assert "none" in missing.stderr
