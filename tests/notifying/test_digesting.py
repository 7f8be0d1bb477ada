"""The mail of what was not seen: in opening hours, once, and it can be answered."""

from email import message_from_bytes, policy
from email.utils import parseaddr

import pytest

from goodword.channels.mail import taking
from goodword.channels.mail.letters import Letters, mail_of
from goodword.core.time import now
from goodword.notifying import digesting
from goodword.notifying.models import Notification, Preferences
from goodword.notifying.telling import catch_up
from goodword.staff.models import Letter
from tests.cast import Desk, london


def waits(desk: Desk) -> None:
    desk.heard(title="Server down", text="Secret words.")
    catch_up()
    assert digesting.turn() == 0


@pytest.mark.parametrize(
    ("digest", "at", "due"),
    [
        ("daily", "2026-11-19 16:33", "2026-11-20 09:00"),
        ("daily", "2026-11-19 03:00", "2026-11-19 09:00"),
        ("daily", "2026-11-20 16:00", "2026-11-23 09:00"),
        ("hourly", "2026-11-19 11:10", "2026-11-19 12:10"),
        ("hourly", "2026-11-19 16:33", "2026-11-20 09:00"),
    ],
)
def test_when_the_mail_is_due(desk: Desk, digest: str, at: str, due: str) -> None:
    hours = desk.business.schedule.hours
    assert digesting.next_digest(digest, london(at), hours) == london(due)


def test_one_mail_of_what_is_unseen_and_no_second(desk: Desk) -> None:
    waits(desk)
    desk.at("2026-11-20 09:00")
    assert digesting.turn() == 1
    assert digesting.turn() == 0
    letter = Letter.objects.get()
    mail = message_from_bytes(mail_of(letter, desk.mailbox), policy=policy.default)
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert mail["Subject"] == "1 thing that you have not seen"
    assert "A new case from Ellen Whitcombe" in text and "Server down" in text
    assert "Secret" not in text
    assert taking.accepts(parseaddr(str(mail["Reply-To"]))[1])


def test_a_mail_whose_content_was_seen_does_not_leave(desk: Desk) -> None:
    waits(desk)
    desk.at("2026-11-20 09:00")
    digesting.turn()
    Notification.objects.update(seen_at=now())
    Letters(lambda _address, _use: "", None).send_due()
    letter = Letter.objects.get()
    assert letter.done_at is not None and letter.last_error == ""


def test_who_saw_all_or_wants_none_gets_none(desk: Desk) -> None:
    waits(desk)
    Notification.objects.update(seen_at=now())
    desk.at("2026-11-20 09:00")
    assert digesting.turn() == 0
    Preferences.objects.update(digest="never")
    desk.heard(desk.daniel)
    catch_up()
    desk.at("2026-11-25 09:00")
    assert digesting.turn() == 0
    assert not Letter.objects.exists()
