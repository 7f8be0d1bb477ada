"""Promises found in what was said: by whom, from when, decided once, whoever decides."""

import pytest

from goodword.cases.giving_word import GivenWords
from goodword.cases.models import FoundPromise, Message
from goodword.core.refusals import Refused
from tests.cast import Desk, london
from tests.mail.letters import ELLEN, SUPPORT, case_of, delivered, header_id, letter

CALL = "I'll call you tomorrow by 10."
DELE = "Dele <dele@harbourlane.example>"


@pytest.fixture
def offered(desk: Desk) -> FoundPromise:
    desk.heard().log_call(CALL, by=desk.priya, answers=True)
    return FoundPromise.objects.get()


def copied_in(to: str = ELLEN, **headers: str) -> FoundPromise | None:
    """A colleague answers Ellen from another program, with us in copy."""
    first = letter()
    case_of(first)
    headers = {"sender": DELE, "Cc": SUPPORT, **headers}
    text = f"Hello Ellen,\n\n{CALL}\n\n-- \nDele\nWe will call you on Monday at 9."
    quoted = "\n\nOn Thu, Ellen wrote:\n> I'll pay you tomorrow by 11."
    delivered(letter(text=text + quoted, to=to, References=header_id(first), **headers))
    return FoundPromise.objects.first()


def test_mail_written_elsewhere_and_copied_in_is_read_once(desk: Desk) -> None:
    found = copied_in()
    assert found is not None
    assert FoundPromise.objects.count() == 1
    assert found.words == CALL
    assert found.said_at == london("2026-11-19 16:30")
    assert found.due == london("2026-11-20 10:00")
    # Nobody has verified the sender: the owner answers for it.
    assert found.confirm(by=desk.priya).owner == desk.priya


def test_mail_of_our_own_address_that_was_written_elsewhere_is_no_customers(desk: Desk) -> None:
    found = copied_in(sender=f"Support <{SUPPORT}>", Message_ID="<other.1@harbourlane.example>")
    assert found is not None
    assert (found.message.direction, found.words) == ("note", CALL)


def test_a_note_to_us_alone_promises_the_customer_nothing(desk: Desk) -> None:
    assert copied_in(to=SUPPORT, Cc="") is None


def test_a_date_of_long_ago_is_not_believed(desk: Desk) -> None:
    found = copied_in(Date="Thu, 01 Jan 2015 10:00:00 +0000")
    assert found is not None
    assert found.said_at == london("2026-11-19 16:33")


def test_the_customers_words_are_never_ours(desk: Desk) -> None:
    case = desk.heard(text=f"{CALL} We will send the money tomorrow.")
    case.note(CALL, by=desk.priya)
    assert FoundPromise.objects.count() == 0


def test_whoever_decides_second_is_told(offered: FoundPromise, desk: Desk) -> None:
    mine, theirs = (FoundPromise.objects.get(pk=offered.pk) for _ in range(2))
    mine.confirm(by=desk.priya)
    with pytest.raises(Refused, match="decided about these words already"):
        theirs.dismiss(by=desk.dele)
    with pytest.raises(Refused, match="decided about these words already"):
        theirs.confirm(by=desk.dele)
    assert offered.message.case.promises.filter(kind="callback").count() == 1


def test_a_refused_confirmation_leaves_it_offered(offered: FoundPromise, desk: Desk) -> None:
    with pytest.raises(Refused):
        offered.confirm(by=desk.priya, kind="acknowledge")
    offered.refresh_from_db()
    assert (offered.state, offered.promise) == ("offered", None)


def test_reading_a_message_twice_offers_nothing_twice(offered: FoundPromise) -> None:
    GivenWords(offered.message.case, offered.message.text, at=offered.said_at).offer(
        offered.message
    )
    assert FoundPromise.objects.count() == 1


def test_words_that_were_erased_are_nowhere_else(offered: FoundPromise) -> None:
    Message.objects.filter(pk=offered.message_id).update(text="")
    assert FoundPromise.objects.get().words == ""


def test_it_goes_with_its_message_into_another_case(offered: FoundPromise, desk: Desk) -> None:
    other = desk.heard(text="The same once more.")
    other.take(by=desk.priya)
    offered.message.case.merge_into(other, by=desk.priya)
    assert FoundPromise.objects.for_owner(desk.priya).get().message.case == other
    assert FoundPromise.objects.get().confirm(by=desk.priya).case == other


def test_a_light_member_decides_nothing(offered: FoundPromise, desk: Desk) -> None:
    for act in (offered.confirm, offered.dismiss, offered.offer_again):
        with pytest.raises(Refused):
            act(by=desk.luz)


def test_what_stands_on_the_ledger_already_is_not_offered(desk: Desk) -> None:
    case = desk.heard()
    word = {"kind": "callback", "text": "A call", "due": london("2026-11-20 10:00")}
    text = "You will hear from me tomorrow by 10."
    case.reply(by=desk.priya, text=text, then="promise", promises=[word])
    found = FoundPromise.objects.get()
    assert found.kind == "next_update"
    assert found.promise == desk.promise(case, "callback")
