"""The relay hears of a write at once, and need not wait until it looks again by itself."""

import time

from chassis.relay import commit_signal
from tests.chassis.http.demo import Demo

PATIENCE = 20.0


def test_a_write_over_http_wakes_the_relay(both: Demo) -> None:
    with commit_signal(both.db) as wait:
        wait(0.01)
        assert both.create().status_code == 201
        began = time.monotonic()
        wait(PATIENCE)
        assert time.monotonic() - began < PATIENCE / 2
