"""How many may be at one service at once, so that a slow one leaves threads for everybody else; and who is next."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.problems import Unavailable
from gateway.proxy.places import Places
from gateway.proxy.upstream import AT_ONCE, Upstream
from gateway.proxy.wire import Answer, Exchange
from tests.support.stack import until


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


def test_there_are_so_many_and_no_more() -> None:
    places = Places(2)
    assert [places.take(0.01) for _ in range(3)] == [True, True, False]
    places.give()
    assert [places.take(0.01) for _ in range(2)] == [True, False]


def test_who_waits_longest_is_next_and_nobody_comes_between() -> None:
    places, served = Places(1), list[int]()
    assert places.take(0)

    def wait(number: int) -> None:
        assert places.take(10)
        served.append(number)

    with ThreadPoolExecutor(3) as pool:
        for number in range(3):
            pool.submit(wait, number)
            until(lambda asked=number + 1: len(places._waiting) == asked, 5, "one more waits")
        for number in range(3):
            places.give()
            assert not places.take(0), "it is taken already, by one who waited"
            until(lambda so_far=number + 1: len(served) == so_far, 5, "the place was given on")
    assert served == [0, 1, 2]
    places.give()
    assert places.take(0)


def test_nobody_who_gave_up_is_given_one() -> None:
    places = Places(1)
    assert places.take(0)
    assert not places.take(0.01)
    places.give()
    assert places.take(0)


def test_under_load_everybody_gets_a_turn() -> None:
    """With a semaphore one of these waits until all others are done."""
    places, longest = Places(2), list[int]()
    turns, lock = [0], threading.Lock()

    def work() -> None:
        for _ in range(300):
            with lock:
                asked = turns[0]
            assert places.take(10)
            with lock:
                turns[0] += 1
                longest.append(turns[0] - asked)
            places.give()

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(work) for _ in range(8)]:
            done.result()
    assert max(longest) <= 100
