"""Until a case is taken, whoever is on duty answers for it."""

from goodword.cases.duty import put_on_duty
from goodword.cases.models import Case
from tests.cast import Desk


def test_cases_that_nobody_took_pass_with_the_duty_and_taken_ones_stay(desk: Desk) -> None:
    waiting, taken = desk.heard(), desk.heard(desk.daniel)
    taken.take(by=desk.priya)
    assert put_on_duty(desk.support, desk.dele, by=desk.marta) == 1
    assert Case.objects.get(pk=waiting.pk).owner == desk.dele
    assert {promise.owner for promise in waiting.promises.all()} == {desk.dele}
    assert Case.objects.get(pk=taken.pk).owner == desk.priya
    assert put_on_duty(desk.support, desk.dele, by=desk.marta) == 0
