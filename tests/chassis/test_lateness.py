"""How far a consumer is behind, as its worker's gauges show it."""

from chassis.lateness import Lateness


def test_nothing_waits_and_nothing_is_missing_at_the_start() -> None:
    late = Lateness(100)
    assert (late.lag(100), late.age(100)) == (0, 0)


def test_an_event_after_a_quiet_time_is_as_late_as_itself() -> None:
    late = Lateness(0)
    late.counted(0, 3600)
    late.taken([3600.5])
    assert late.lag(3601) == 0.5
    assert late.age(3601) == 1
    late.applied([3600.5])
    assert (late.lag(3601), late.age(3601)) == (0, 0.5)


def test_a_long_batch_shows_while_it_is_at_work() -> None:
    late = Lateness(0)
    late.taken([10, 12, 11])
    assert late.lag(50) == 40
    late.applied([10, 12, 11])
    assert late.lag(50) == 0


def test_while_more_wait_the_batch_before_stands_for_them() -> None:
    late = Lateness(0)
    late.counted(1000, 60)
    assert late.lag(60) == 60
    late.taken([20])
    late.applied([20])
    assert late.lag(61) == 41
    late.counted(0, 62)
    assert (late.lag(63), late.age(63)) == (0, 1)


def test_a_batch_without_readable_moments_changes_nothing() -> None:
    late = Lateness(5)
    late.taken([])
    late.applied([])
    assert (late.lag(7), late.age(7)) == (0, 2)


def test_clocks_that_disagree_never_make_it_negative() -> None:
    late = Lateness(100)
    late.taken([200])
    assert (late.lag(150), late.age(50)) == (0, 0)
