"""Places are given in the order in which they were asked for, and to nobody else."""

import threading
from concurrent.futures import ThreadPoolExecutor

from gateway.proxy.places import Places
from tests.support.stack import until


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
