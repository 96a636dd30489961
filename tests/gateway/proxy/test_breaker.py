"""The circuit breaker, by the clock."""

import pytest

from chassis.problems import Unavailable
from gateway.proxy.breaker import FAILURES, Breaker


def broken(now: list[float]) -> Breaker:
    breaker = Breaker("goals", lambda: now[0])
    for _ in range(FAILURES):
        breaker.admit()
        breaker.failed()
    return breaker


def test_it_opens_after_failures_in_a_row_and_says_when_to_come_back() -> None:
    now = [0.0]
    breaker = broken(now)
    with pytest.raises(Unavailable) as caught:
        breaker.admit()
    assert caught.value.headers["Retry-After"] == "5"


def test_failures_that_are_not_in_a_row_do_not_open_it() -> None:
    breaker = Breaker("goals", lambda: 0.0)
    for _ in range(3 * FAILURES):
        breaker.failed()
        breaker.succeeded()
    breaker.admit()
    assert not breaker.open


def test_one_call_tries_again_when_the_time_is_over_and_closes_it() -> None:
    now = [0.0]
    breaker = broken(now)
    now[0] = 5.0
    breaker.admit()
    with pytest.raises(Unavailable):
        breaker.admit()
    breaker.succeeded()
    breaker.admit()
    assert not breaker.open


def test_it_stays_open_while_the_service_goes_on_failing() -> None:
    now = [0.0]
    breaker = broken(now)
    now[0] = 5.0
    breaker.admit()
    breaker.failed()
    now[0] = 9.9
    with pytest.raises(Unavailable):
        breaker.admit()
