"""Several addresses and numbers: which is written to, which came back, and whose they are."""

import pytest

from goodword.cases.models import OutgoingMessage, Participant
from goodword.cases.opening import meet
from goodword.core.refusals import Refused
from goodword.people.meeting import customer_of
from goodword.people.models import ContactPoint
from goodword.people.numbers import default_region, read_number, region_of_zone
from goodword.people.reaching import PointTaken, add_point, known_point
from tests.cast import Desk


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("020 7946 0142", "+442079460142"),
        ("(020) 7946-0142", "+442079460142"),
        ("+44 (0)20 7946 0142", "+442079460142"),
        ("0044 20 7946 0142", "+442079460142"),
        ("+49 30 901820 ext. 12", "+4930901820"),
        ("+1 202 555 0143", "+12025550143"),
    ],
)
def test_a_number_is_known_again_however_it_is_written(desk: Desk, typed: str, kept: str) -> None:
    assert default_region() == "GB"
    assert read_number(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "12", "call me", "+44 20 call", "1" * 30, "=1+1", "٠١٢٣٤٥٦٧"]
)
def test_what_is_no_number_is_refused_with_what_was_typed(desk: Desk, typed: str) -> None:
    with pytest.raises(Refused, match="NO_NUMBER"):
        read_number(typed)


def test_a_zone_of_one_country_says_which() -> None:
    assert (region_of_zone("Europe/Berlin"), region_of_zone("UTC")) == ("DE", "")


def test_a_number_is_shown_as_it_was_typed(desk: Desk) -> None:
    point = add_point(desk.daniel, "020 7946 0199", by=desk.priya)
    assert (point.value, point.shown) == ("+442079460199", "020 7946 0199")
    assert known_point("phone", read_number("+44 20 7946 0199")) == point


def test_a_number_that_was_kept_before_its_country_was_known_is_found(desk: Desk) -> None:
    old = ContactPoint.objects.create(customer=desk.daniel, kind="phone", value="02079460177")
    assert add_point(desk.daniel, "+44 20 7946 0177", by=desk.priya) == old


def test_the_chosen_address_is_written_to_whatever_they_use(desk: Desk) -> None:
    home = add_point(desk.ellen, "ellen@home.example", by=desk.priya)
    desk.later(hours=1)
    customer_of("ellen@whitcombe.example")
    assert desk.ellen.mail_address() == "ellen@whitcombe.example"
    assert home.choose(by=desk.priya) and not home.choose(by=desk.priya)
    assert desk.ellen.mail_address() == "ellen@home.example"
    assert home.no_longer_first(by=desk.priya)
    assert desk.ellen.mail_address() == "ellen@whitcombe.example"


def test_an_address_that_came_back_for_good_is_not_chosen(desk: Desk) -> None:
    add_point(desk.ellen, "ellen@home.example", by=desk.priya)
    desk.later(hours=1)
    customer_of("ellen@whitcombe.example")
    desk.answered(desk.heard())
    copy = OutgoingMessage.objects.get()
    assert copy.address == "ellen@whitcombe.example"
    copy.note_bounced("5.1.1 no such user", hard=True, dead=True)
    assert desk.ellen.mail_address() == "ellen@home.example"
    desk.later(hours=1)
    customer_of("ellen@whitcombe.example")  # and they write from it
    assert desk.ellen.mail_address() == "ellen@whitcombe.example"


def test_a_full_mailbox_is_no_dead_address(desk: Desk) -> None:
    desk.answered(desk.heard())
    OutgoingMessage.objects.get().note_bounced("5.2.2 mailbox full", hard=True)
    assert desk.ellen.points.filter(bounced_at=None).count() == 2


def test_an_address_of_somebody_else_says_whose_it_is(desk: Desk) -> None:
    with pytest.raises(PointTaken) as refusal:
        add_point(desk.ellen, "Daniel@reyes.example", by=desk.priya)
    assert refusal.value.point.customer == desk.daniel


def test_nobody_gives_an_address_to_a_customer_of_another_team(desk: Desk) -> None:
    desk.heard(desk.daniel, team=desk.offices)
    known = {"name": "", "mail": "daniel@reyes.example"}
    with pytest.raises(Refused, match="NOT_SEEN"):
        meet(**known, number="020 7946 0111", by=desk.priya)
    assert desk.daniel.points.count() == 1
    assert meet(**known, number="", by=desk.priya) == desk.daniel
    assert meet(**known, number="020 7946 0111", by=desk.ines) == desk.daniel


def test_writing_to_a_stranger_lets_them_in_only_by_whoever_may(desk: Desk) -> None:
    case = desk.answered()
    eve = customer_of("eve@elsewhere.example", "Eve")
    case.hear(eve, "Let me in.", is_confirmed=False)
    with pytest.raises(Refused, match="NOT_YOURS"):
        case.reply(by=desk.dele, text="Hello both.", then="rest", cc=["eve@elsewhere.example"])
    role = Participant.objects.filter(case=case, customer=eve).values_list("role", flat=True)
    assert list(role) == ["unconfirmed"]
    case.reply(by=desk.priya, text="Hello both.", then="rest", cc=["eve@elsewhere.example"])
    assert list(role.all()) == ["copy"]
