"""Before closing, several at once: told once, one line once, closed once. On both databases."""

from goodword.cases.acknowledging import Acknowledgement, Next, Parts
from goodword.cases.closing import close_day, leave_for_later
from goodword.cases.models import Case, DayException, Message
from goodword.cases.replying import SomebodyAnswered
from goodword.core.refusals import Refused
from goodword.journal.models import Entry
from goodword.journal.sealing import damage
from goodword.staff.models import Member
from goodword.worker.tick import tick
from tests.cast import Desk
from tests.promises.test_together import shared, together

__all__ = ["shared"]


def test_four_workers_tell_of_one_sweep_once(shared: Desk) -> None:
    shared.heard()
    results = together(*[tick] * 4)
    assert [each for each in results if isinstance(each, Exception)] == []
    assert sum(each["sweeps"] for each in results) == 1
    assert Entry.objects.filter(kind="sweep_opened").count() == 1


def test_two_members_on_one_line_at_once_send_one_word(shared: Desk) -> None:
    for number in range(5):
        case = shared.heard()
        seen = case.newest_message_id()

        def send(by: Member, case: Case = case, seen: int = seen, number: int = number) -> Message:
            parts = Parts(f"You ask about {number}", f"{by.given} looks at it", Next.FIRST_THING)
            return Acknowledgement(Case.objects.get(pk=case.pk), by, parts, seen=seen).commit()

        results = together(lambda: send(shared.priya), lambda: send(shared.dele))
        assert sum(isinstance(each, Message) for each in results) == 1
        assert sum(isinstance(each, SomebodyAnswered) for each in results) == 1
        assert case.promises.open().filter(kind="callback").count() == 1
    assert list(damage()) == []


def test_a_day_is_closed_once_and_one_decision_is_one(shared: Desk) -> None:
    case = shared.heard()
    leave = {"by": shared.priya, "decided_by": shared.marta, "reason": "On a plane."}
    made = together(*[lambda: leave_for_later(Case.objects.get(pk=case.pk), **leave)] * 3)  # type: ignore[arg-type]
    assert [each for each in made if isinstance(each, Refused)] == []
    assert DayException.objects.standing().count() == 1
    closed = together(
        *[lambda by=by: close_day(shared.support, by=by) for by in (shared.priya, shared.marta)]  # type: ignore[misc]
    )
    assert sorted(closed) == [False, True]
    assert Entry.objects.filter(kind="day_closed").count() == 1
    assert list(damage()) == []
