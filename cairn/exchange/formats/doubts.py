"""What a file leaves open: asked before anything is imported, or marked as an assumption that can be overruled."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

ASK, MARK = "ask", "mark"


@dataclass(frozen=True, slots=True)
class Doubt:
    """One open question.

    `ask` stops the import until an answer to `id` is given, `mark` says what is `taken` unless one is. `choices` are
    proposals, the answer may be another. `times` counts the places that ask the same; `place` is the first.
    """

    id: str
    kind: str
    place: str
    item: str
    question: str
    choices: tuple[str, ...] = ()
    taken: str | None = None
    times: int = 1


@dataclass
class Doubts:
    """The doubts of one file, and the answers given to them by id."""

    answers: Mapping[str, str] = field(default_factory=dict)
    _found: dict[str, Doubt] = field(default_factory=dict)

    def ask(self, id: str, place: str, item: str, question: str, choices: tuple[str, ...] = ()) -> str | None:
        """The answer; None where it is still to be given."""
        answer = self.answers.get(id, "").strip() or None
        self._note(Doubt(id, ASK, place, item, question, choices, answer))
        return answer

    def mark(self, id: str, place: str, item: str, question: str, taken: str, choices: tuple[str, ...] = ()) -> str:
        """The answer, or what is taken without one."""
        answer = self.answers.get(id, "").strip() or taken
        self._note(Doubt(id, MARK, place, item, question, choices, answer))
        return answer

    def waits(self, id: str) -> bool:
        """Whether this is asked and not answered."""
        found = self._found.get(id)
        return found is not None and found.kind == ASK and found.taken is None

    def unfit(self, id: str, reason: str) -> None:
        """The answer will not do: the question stands again, with the reason."""
        found = self._found[id]
        if found.taken is not None:
            self._found[id] = replace(found, kind=ASK, taken=None, question=f"{reason} {found.question}")

    def settle(self, id: str, answer: str) -> None:
        """An answer to another doubt settles this one too."""
        self._found[id] = replace(self._found[id], taken=answer)

    def _note(self, doubt: Doubt) -> None:
        before = self._found.get(doubt.id)
        self._found[doubt.id] = replace(before, times=before.times + 1) if before else doubt

    def all(self) -> list[Doubt]:
        """Every doubt, in the order found."""
        return list(self._found.values())
