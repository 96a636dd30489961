"""Counting wrong tokens, by the clock and in bounded space."""

import pytest

from chassis.problems import TooManyRequests
from gateway.signin.attempts import MOST_WRONG, REMEMBERED, WAIT_SECONDS, Attempts


def test_a_source_that_waited_starts_anew() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(MOST_WRONG):
        attempts.wrong("a")
    with pytest.raises(TooManyRequests):
        attempts.wrong("a")
    now[0] += WAIT_SECONDS
    attempts.wrong("a")


def test_a_source_that_does_not_wait_goes_on_being_told_to() -> None:
    now = [0.0]
    attempts = Attempts(lambda: now[0])
    for _ in range(MOST_WRONG):
        attempts.wrong("a")
    for _ in range(5):
        now[0] += WAIT_SECONDS - 1
        with pytest.raises(TooManyRequests):
            attempts.wrong("a")


def test_many_sources_take_bounded_space() -> None:
    attempts = Attempts(lambda: 0.0)
    for _ in range(MOST_WRONG):
        attempts.wrong("first")
    for number in range(REMEMBERED):
        attempts.wrong(str(number))
    attempts.wrong("first")
    assert len(attempts) == REMEMBERED
