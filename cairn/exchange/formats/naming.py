"""External ids of what comes from other tools: `viva:2295704`, or derived from what identifies a row."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from cairn.exchange.layouts.values import LONGEST_ID


@dataclass
class Names:
    """Gives external ids. Each begins with the format's name, so that no two tools take each other's goals."""

    format: str
    derived: int = 0
    """How many ids the file did not have."""
    _seen: Counter[str] = field(default_factory=Counter)

    def own(self, id: str) -> str:
        """For an id of the file itself."""
        return f"{self.format}:{id}"[:LONGEST_ID]

    def made(self, *texts: str) -> str:
        """From the texts that identify a row, in spite of case and blanks; the same texts again get a number."""
        digest = self.digest(*texts)
        self._seen[digest] += 1
        self.derived += 1
        return self.own(digest if self._seen[digest] == 1 else f"{digest}-{self._seen[digest]}")

    def digest(self, *texts: str) -> str:
        """The same for the same texts, in spite of case and blanks."""
        told = "\n".join(re.sub(r"\s+", " ", text).strip().casefold() for text in texts)
        return blake2b(told.encode(errors="replace"), digest_size=6).hexdigest()

    def remarks(self) -> Iterable[str]:
        """What to tell people of it."""
        if self.derived:
            yield (
                f"{self.derived} rows have no id of their own: title, owner and period identify them; "
                "a row that changes one of these is taken for another one"
            )


def bare(external_id: str, format: str) -> str:
    """The id as the format itself writes it."""
    return external_id.removeprefix(f"{format}:")


def one_line(title: str, longest: int = 500) -> str:
    """A title as Cairn takes it; the file's own is kept beside it where that differs."""
    line = re.sub(r"[\s\x00-\x1f\x7f-\x9f]+", " ", title).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"
