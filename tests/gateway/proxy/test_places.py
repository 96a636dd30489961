"""How many may be at one service at once, so that a slow one leaves threads for everybody else."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.problems import Unavailable
from gateway.proxy.upstream import AT_ONCE, Upstream
from gateway.proxy.wire import Answer, Exchange


@pytest.fixture
def release() -> Iterator[threading.Event]:
    made = threading.Event()
    yield made
    made.set()


def slow(release: threading.Event, at: threading.Semaphore) -> Exchange:
    """A service that answers once it is released; `at` counts who is there."""

    def answer(*_request: object) -> Answer:
        at.release()
        release.wait(10)
        return Answer(200, [("Content-Type", "application/json")], b"{}")

    return answer


def ask(upstream: Upstream) -> int:
    return upstream.send("GET", "/api/v1/cycles", {}, b"", 10.0).status


def test_one_more_than_there_are_places_is_told_and_the_others_are_answered(release: threading.Event) -> None:
    at = threading.Semaphore(0)
    upstream = Upstream("goals", slow(release, at))
    with ThreadPoolExecutor(AT_ONCE) as threads:
        waiting = [threads.submit(ask, upstream) for _ in range(AT_ONCE)]
        assert all(at.acquire(timeout=10) for _ in range(AT_ONCE)), "all places are taken"
        with pytest.raises(Unavailable, match="goals service has as many requests as it can take"):
            ask(upstream)
        release.set()
        assert [one.result(10) for one in waiting] == [200] * AT_ONCE
        assert ask(upstream) == 200, "places are given back"


def test_who_got_a_place_when_the_time_was_over_is_told_so_and_gives_it_back(release: threading.Event) -> None:
    times = iter([0.0, 11.0, *[20.0] * 9])
    release.set()
    upstream = Upstream("goals", slow(release, threading.Semaphore(0)), lambda: next(times))
    with pytest.raises(Unavailable, match="goals service has as many requests as it can take"):
        ask(upstream)
    assert ask(upstream) == 200
