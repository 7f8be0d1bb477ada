"""Machines are told from people, and a person is never taken for a machine."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from goodword.channels.mail.reading import read


def kind(headers: str, body: str = "Hello") -> str | None:
    return read(f"{headers}\n\n{body}".encode()).automatic


def test_the_gold_mails_are_told_apart(testdata: Path) -> None:
    with (testdata / "gold-automatic/automatic_mail.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        got = read((testdata / row["path"]).read_bytes()).automatic
        # A feed has no kind of its own: that a machine wrote it is what counts.
        right = got == {"human": None}.get(row["kind"], row["kind"])
        right = right or (row["kind"] == "feed" and got is not None)
        if not right:
            wrong.append((row["path"], row["kind"], got))
    assert not [each for each in wrong if each[1] == "human"]
    # The one that is missed is a person who forwards a bounce.
    assert len(wrong) <= 1, wrong


PEOPLE = [
    "From: a@b.example\nSubject: Re: Out of office",
    "From: a@b.example\nSubject: Your automatic reply confused me",
    "From: a@b.example\nSubject: Out of office hours, whom do I call?",
    "From: a@b.example\nSubject: Undeliverable parcel",
    "From: a@b.example\nSubject: Delivery failure of order 12",
    "From: a@b.example\nSubject: Hi\nX-Auto-Response-Suppress: All",
    "From: a@b.example\nSubject: Hi\nAuto-Submitted: no",
    "From: a@b.example\nSubject: Hi\nX-Autoreply: no",
    "From: a@b.example\nSubject: Hi\nPrecedence: normal",
    "From: a@b.example\nSubject: Re: [some-list] Hi\nReferences: <1@list.example>",
    "From: a@b.example\nSubject: please confirm your message arrived",
    "From: noreply@shop.example\nReply-To: Ada <ada@b.example>\nSubject: Contact form",
    "From: rosa.noreplya@b.example\nSubject: Hi",
    "From: postmaster@b.example\nSubject: Our domain",
    "From: a@b.example\nSubject: Mailer-Daemon wrote to me",
]


@pytest.mark.parametrize("headers", PEOPLE)
def test_a_person_is_not_taken_for_a_machine(headers: str) -> None:
    assert kind(headers) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ("From: a@b.example\nAuto-Submitted: auto-replied\nSubject: Re: Hi", "vacation"),
        ("From: a@b.example\nAuto-Submitted: auto-replied (vacation)", "vacation"),
        ("From: a@b.example\nAuto-Submitted: auto-generated\nSubject: Report", "other"),
        ("From: a@b.example\nSubject: Automatic reply: Hi", "vacation"),
        ("From: a@b.example\nSubject: Abwesenheitsnotiz: Hallo", "vacation"),
        ("From: a@b.example\nSubject: Réponse automatique : Bonjour", "vacation"),
        ("From: a@b.example\nSubject: Respuesta automática: Hola", "vacation"),
        ("From: a@b.example\nSubject: =?utf-8?b?6Ieq5Yqo5Zue5aSNOiBIaQ==?=", "vacation"),
        ("From: a@b.example\nSubject: Out of Office AutoReply: Hi", "vacation"),
        ("From: a@b.example\nX-Autoreply: yes\nSubject: Re: Hi", "vacation"),
        ("From: a@b.example\nX-Autorespond: Hi\nSubject: Re: Hi", "vacation"),
        ("From: a@b.example\nPrecedence: auto_reply\nSubject: Re: Hi", "vacation"),
        ("From: a@b.example\nX-BoxTrapper: x\nSubject: Your email requires verification",
         "challenge"),
        ("From: a@b.example\nAuto-Submitted: auto-replied\nSubject: Please confirm your message",
         "challenge"),
        ("From: a@b.example\nList-Id: <x.example>\nPrecedence: bulk\nSubject: Hi", "list"),
        ("From: a@b.example\nList-Unsubscribe: <https://x.example>\nSubject: Sale", "bulk"),
        ("From: no-reply@b.example\nSubject: Your order", "bulk"),
        ("From: orders.do-not-reply@b.example\nReply-To: noreply@b.example", "bulk"),
        ("From: a@b.example\nReturn-Path: <>\nSubject: Hi", "other"),
        ("From: root@b.example\nX-Cron-Env: <HOME=/>\nSubject: Cron", "other"),
        ("From: a@b.example\nContent-Type: multipart/report; report-type=feedback-report; "
         "boundary=x", "feedback"),
        ("From: a@b.example\nContent-Type: multipart/report; report-type=disposition-notification; "
         "boundary=x", "other"),
    ],
)  # fmt: skip
def test_machines_are_recognised(headers: str, expected: str) -> None:
    assert kind(headers) == expected


def test_a_desk_behind_a_group_address_can_tell_its_own_list() -> None:
    mail = read(
        b"From: a@b.example\nList-Id: <help.shop.example>\n"
        b"List-Post: <https://x.example>, <mailto:Help@Shop.example?subject=x>\n\nHi"
    )
    assert (mail.automatic, mail.list_address) == ("list", "Help@shop.example")
