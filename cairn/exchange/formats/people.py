"""Who owns a goal: persons and teams by e-mail or by name, told as the native layout tells them; never guessed."""

import re
from dataclasses import dataclass

from cairn.exchange.directory import PERSON, TEAM, Directory
from cairn.exchange.formats.doubts import Doubts
from cairn.exchange.layouts.wrong import Wrong, shortened

ANYONE = "owner:*"
"""The answer to this doubt owns whatever nobody else is found for."""
FIRST_OWNER = "the owner of its first key result"
"""Who is taken for an objective whose row names nobody."""
_REMEDY = "(E-mail, external id, or team: and a team's external id.)"


@dataclass
class Owners:
    """Finds people of a Cairn. Whoever is not found, has left, or shares a name with others, becomes a question."""

    directory: Directory
    doubts: Doubts

    def one(self, text: str, place: str, item: str) -> str | None:
        """The person called so, by e-mail, external id or full name; the text itself while that is asked.

        None where nobody is named.
        """
        bare = re.sub(r"\s+", " ", text).strip()
        if not bare:
            return None
        known = self._known(bare)
        if len(known) == 1 and self.directory.gone(PERSON, known[0]) is None:
            return self._found(bare, known[0], place, item) or bare
        return self._asked(bare, known, place, item) or bare

    def several(self, text: str, separator: str, place: str, item: str) -> list[str]:
        """Everybody a cell names. A name may hold the separator itself, as in `Lovelace, Ada`."""
        bare = re.sub(r"\s+", " ", text).strip()
        pieces = [bare] if self._known(bare) else [piece for piece in bare.split(separator) if piece.strip()]
        return list(dict.fromkeys(one for piece in pieces if (one := self.one(piece, place, item))))

    def known(self, text: str) -> str | None:
        """The one person called so, who may have left; None without any question."""
        found = self._known(re.sub(r"\s+", " ", text).strip())
        return self.directory.called(PERSON, found[0]) if len(found) == 1 else None

    def team(self, name: str) -> str | None:
        """The one team called so; None without any question."""
        found = self._teams(name)
        return self.directory.called(TEAM, found[0]) if len(found) == 1 else None

    def unsaid(self, place: str, item: str) -> str | None:
        """Who owns what the file names no owner of."""
        question = f"The file does not say who owns it. Who does? {_REMEDY}"
        return self._answered(ANYONE, self.doubts.ask(ANYONE, place, item, question))

    def _known(self, text: str) -> list[str]:
        found = self.directory.person(text)
        return self.directory.bearers(PERSON, text) if isinstance(found, Wrong) else [found]

    def _teams(self, name: str) -> list[str]:
        return [id for id in self.directory.bearers(TEAM, name) if self.directory.gone(TEAM, id) is None]

    def _found(self, text: str, id: str, place: str, item: str) -> str | None:
        """The person of this address or id; of this name too, which is told, because names are no keys."""
        called = self.directory.called(PERSON, id)
        if not isinstance(self.directory.person(text), Wrong):
            return called
        said = f"{self.directory.persons[id]['email']} is the only one called “{shortened(text)}”."
        answer = self.doubts.mark(f"owner:{text}", place, item, said, called)
        return called if answer == called else self._answered(f"owner:{text}", answer)

    def _asked(self, text: str, known: list[str], place: str, item: str) -> str | None:
        id = f"owner:{text}"
        answer = self.doubts.ask(id, place, item, self._question(text, known), self._choices(text, known))
        return self._answered(id, answer or self.doubts.answers.get(ANYONE, "").strip() or None)

    def _answered(self, id: str, answer: str | None) -> str | None:
        if answer is None:
            return None
        found = self._here(answer)
        if isinstance(found, Wrong):
            self.doubts.unfit(id, found.reason)
            return None
        self.doubts.settle(id, answer)
        return self.directory.called(*found)

    def _here(self, answer: str) -> tuple[str, str] | Wrong:
        found = self.directory.owner(answer)
        return found if isinstance(found, Wrong) else self.directory.gone(*found) or found

    def _question(self, text: str, known: list[str]) -> str:
        if not known:
            return f"Nobody in Cairn is called “{shortened(text)}”: who is it? {_REMEDY}"
        if len(known) == 1:
            return f"“{shortened(text)}” has left; who owns it now? {_REMEDY}"
        return f"Which “{shortened(text)}” is meant? {len(known)} are called so. {_REMEDY}"

    def _choices(self, text: str, known: list[str]) -> tuple[str, ...]:
        here = [one for one in known if self.directory.gone(PERSON, one) is None]
        return (
            *(self.directory.called(PERSON, one) for one in here[:10]),
            *(self.directory.called(TEAM, one) for one in self._teams(text)),
        )
