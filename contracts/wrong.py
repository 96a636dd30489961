"""What is wrong with what somebody gave us, told to that person: the reason, and the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wrong:
    """Two sentences; `remedy` says what to do instead."""

    reason: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.reason} {self.remedy}"


def shortened(text: str, longest: int = 80) -> str:
    """A value as a sentence can quote it."""
    return text if len(text) <= longest else text[: longest - 1] + "…"
