"""At risk is computed, and the second from which it is so can be told beforehand."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goodword.core.time import now
from goodword.promises.models import Promise
from tests.cast import Desk


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(minutes=st.integers(35, 4000), made=st.integers(0, 3 * 24 * 60))
def test_it_runs_close_at_the_very_second_that_was_told(
    desk: Desk, minutes: int, made: int
) -> None:
    desk.at("2026-11-16 07:00")
    desk.later(minutes=made)
    case = desk.heard()
    promise = Promise.make(case, "callback", "I call", by=desk.priya, form=f"within:{minutes}")
    at = promise.risk_from(now())
    if at is None:
        assert promise.is_at_risk(now())
        return
    assert promise.is_at_risk(at)
    assert not promise.is_at_risk(at - timedelta(seconds=1))
