"""Reports of non-delivery: whom, why, for good or not, and which mail of ours."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from goodword.channels.mail.reading import Bounce, read


def _expected(testdata: Path) -> dict[str, list[dict[str, str]]]:
    rows = defaultdict(list)
    with (testdata / "sisimai/expected.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            rows[row["file"]].append(row)
    return rows


@pytest.fixture(scope="module")
def bounces(testdata: Path) -> list[tuple[Bounce, list[dict[str, str]]]]:
    read_ones = [
        (read((testdata / "sisimai/bsd" / name).read_bytes()).bounce, rows)
        for name, rows in _expected(testdata).items()
    ]
    return [(bounce, rows) for bounce, rows in read_ones if bounce is not None]


def test_nearly_every_real_bounce_names_whom_it_did_not_reach(bounces) -> None:
    assert len(bounces) >= 206
    assert sum(bool(bounce.recipient) for bounce, _ in bounces) >= 206


def test_the_status_is_the_one_that_the_other_server_gave(bounces) -> None:
    # sisimai makes up codes like 5.0.912 where the mail has none: those cannot be compared.
    told = [(bounce, rows) for bounce, rows in bounces
            if any(".0.9" not in row["dsn_status"] for row in rows)]  # fmt: skip
    right = sum(bounce.status in {row["dsn_status"] for row in rows} for bounce, rows in told)
    assert right / len(told) >= 0.97


def test_hard_and_soft_are_told_apart(bounces) -> None:
    right = sum(str(int(bounce.hard)) in {row["hard_bounce"] for row in rows}
                for bounce, rows in bounces)  # fmt: skip
    assert right / len(bounces) >= 0.93


def test_most_bounces_say_which_mail_came_back(bounces) -> None:
    assert sum(bool(bounce.original_message_id) for bounce, _ in bounces) >= 190


REPORT = """From: MAILER-DAEMON@mx.example
Subject: Delivery report
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

Your mail.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Original-Recipient: rfc822; Ada@Example.org
Final-Recipient: rfc822; inbox-7@store.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {diagnostic}
--x
Content-Type: text/rfc822-headers

Message-ID: <ours@desk.example>
Subject: Re: Broken
--x--
"""


def report(action: str, status: str, diagnostic: str = "x") -> Bounce | None:
    raw = REPORT.format(action=action, status=status, diagnostic=diagnostic).encode()
    return read(raw).bounce


def test_a_report_names_the_address_that_we_wrote_to() -> None:
    bounce = report("failed", "5.1.1", "550 5.1.1 User unknown")
    assert bounce == Bounce("Ada@example.org", "5.1.1", True, "<ours@desk.example>",
                            "550 5.1.1 User unknown")  # fmt: skip


def test_a_full_mailbox_is_soft() -> None:
    bounce = report("failed", "5.2.2", "552 5.2.2 Mailbox full")
    assert bounce is not None
    assert (bounce.hard, bounce.still_trying) == (False, False)


def test_a_delay_is_not_the_end() -> None:
    bounce = report("delayed", "4.4.1", "connect timed out")
    assert bounce is not None
    assert (bounce.hard, bounce.still_trying) == (False, True)


def test_a_report_of_success_is_no_bounce() -> None:
    raw = REPORT.format(action="delivered", status="2.0.0", diagnostic="250 ok").encode()
    mail = read(raw)
    assert (mail.automatic, mail.bounce) == ("other", None)


def test_a_person_who_passes_a_bounce_on_is_a_person() -> None:
    inner = REPORT.format(action="failed", status="5.1.1", diagnostic="no")
    raw = ("From: ada@example.org\nSubject: Fwd: Undeliverable\n"
           "Content-Type: multipart/mixed; boundary=y\n\n--y\n\nI got this, please help\n--y\n"
           f"Content-Type: message/rfc822\n\n{inner}\n--y--\n").encode()  # fmt: skip
    mail = read(raw)
    assert (mail.automatic, mail.bounce) == (None, None)
    assert mail.attachments[0].name.endswith(".eml")
