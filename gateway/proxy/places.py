"""A few places, given in the order in which they were asked for."""

import threading
from collections import deque


class Places:
    """Safe between threads.

    A semaphore of the standard library gives a free place to whoever comes by, and that is nearly always a thread that
    is running already: one that waits is told, and finds the place taken when it is awake. Under load it waits on and
    on.
    """

    def __init__(self, number: int) -> None:
        self._free = number
        self._lock = threading.Lock()
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Whether there was a place within this time; it is to be given back."""
        with self._lock:
            if self._free:
                self._free -= 1
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._lock:
            if turn in self._waiting:
                self._waiting.remove(turn)
                return False
        return True  # given in the last moment

    def give(self) -> None:
        """Give the place to whoever waits longest, or keep it free."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._free += 1
