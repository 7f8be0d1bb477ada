"""The audit on real threads (GOODWORD_TESTDATA): it counts what is there and falls over nothing."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from goodword.audit.letters import Ours
from goodword.audit.report import as_html
from goodword.audit.run import audited, read_letters
from goodword.audit.sources import Files
from goodword.clock import Schedule

DATA = Path(os.environ.get("GOODWORD_TESTDATA") or "../shared/data")
HOURS = Schedule.from_data({"zone": "UTC", "hours": {"mon-fri": [["09:00", "17:00"]]}})
SINCE, UNTIL = datetime(2000, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)

pytestmark = pytest.mark.testdata


BOXES = [("notmuch", "cworth.org", 200), ("spamassassin", "deersoft.com", 300)]


@pytest.mark.parametrize(("folder", "ours", "least"), BOXES)
def test_real_mail_is_counted(folder, ours, least):
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"the mail of ../shared/data/{folder} is not here")
    seen = []
    letters = read_letters(Files((path,)), lambda: seen.append(1))
    found = audited(letters, Ours.of([ours]), HOURS, SINCE, UNTIL)
    assert len(letters) > least
    assert len(seen) >= len(letters)
    asked = {each.asked.message_id for each in found.answers}
    asked |= {each.asked.message_id for each in found.silences}
    # Everybody who wrote is answered or not, and nobody is both for the same letter.
    assert len(asked) == len(found.answers) + len(found.silences)
    assert all(each.open_time.total_seconds() >= 0 for each in found.answers)
    assert "</html>" in as_html(found, UNTIL)
