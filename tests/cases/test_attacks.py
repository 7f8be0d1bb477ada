"""Words of one who joined must not hide that the customer was left with nothing."""

import pytest

from goodword.core.refusals import Refused
from goodword.people.meeting import customer_of
from tests.cast import Desk


def test_what_a_stranger_is_owed_does_not_leave_the_customer_with_a_next_step(desk: Desk) -> None:
    case = desk.heard()
    case.hear(customer_of("eve@elsewhere.example", "Eve"), "Let me in.", is_confirmed=False)
    with pytest.raises(Refused, match="NO_NEXT_STEP"):
        case.reply(by=desk.priya, text="Done.", then="promise")


def test_a_case_in_which_only_a_stranger_is_owed_something_is_not_dark(desk: Desk) -> None:
    case = desk.answered()
    case.hear(customer_of("eve@elsewhere.example", "Eve"), "Let me in.", is_confirmed=False)
    desk.promise(case, "callback").keep(by=desk.priya, evidence="Called them.")
    theirs = case.promises.outstanding().filter(customer=desk.ellen)
    assert list(theirs.values_list("kind", flat=True)) == ["next_update"]
