"""How far a consumer is behind: told by the consumer's thread as it works, asked by another while it does."""

from collections.abc import Sequence


class Lateness:
    """Moments are seconds since 1970. Until it has heard otherwise it takes the copy for complete at `now`."""

    def __init__(self, now: float) -> None:
        self._complete_at = now
        self._oldest: float | None = None
        self._more = False

    def taken(self, times: Sequence[float]) -> None:
        """Events of these moments are at work."""
        self._oldest = min(times, default=self._oldest)

    def applied(self, times: Sequence[float]) -> None:
        """They are done. While more wait, the oldest of them stands for those, whose moments nobody knows yet."""
        self._complete_at = max([self._complete_at, *times])
        if not self._more:
            self._oldest = None

    def counted(self, lag: int, now: float) -> None:
        """So many messages waited at `now`."""
        self._more = lag > 0
        if not self._more:
            self._complete_at, self._oldest = max(self._complete_at, now), None
        elif self._oldest is None:
            self._oldest = self._complete_at

    def lag(self, now: float) -> float:
        """Seconds the oldest event that is known to wait, or is at work, has waited; 0 when there is none."""
        oldest = self._oldest
        return 0.0 if oldest is None else max(0.0, now - oldest)

    def age(self, now: float) -> float:
        """Seconds since nothing was known to be missing."""
        return max(0.0, now - self._complete_at)
