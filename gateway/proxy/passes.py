"""The internal token a forwarded request carries: minted for this caller and this service, used again for half its
life, because signing and verifying cost more than many a request."""

import threading
from collections import OrderedDict

from chassis.access import Actor
from chassis.clock import Clock, system_clock
from chassis.identity import Minter

REUSED_SECONDS = 30
REMEMBERED = 2048


class Passes:
    """Safe between threads."""

    def __init__(self, minter: Minter, clock: Clock = system_clock) -> None:
        self._minter = minter
        self._clock = clock
        self._kept: OrderedDict[tuple[Actor, str], tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def token(self, actor: Actor, service: str) -> str:
        """A token by which the service believes that this actor is calling, good for 30 seconds at least."""
        now = self._clock().timestamp()
        minted, token = self._kept.get((actor, service), (float("-inf"), ""))
        if not 0 <= now - minted < REUSED_SECONDS:
            token = self._minter.mint(actor, service, self._clock)
            self._keep((actor, service), now, token)
        return token

    def _keep(self, key: tuple[Actor, str], now: float, token: str) -> None:
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (now, token)
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
