"""Who there is: persons and teams by what files call them, and what files call a person or team.

Native files name people by id, external id or e-mail. Files of other tools often have nothing but names; a name means
somebody only where exactly one person bears it, and who takes it so has to say it.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cairn.exchange.client import Client
from cairn.exchange.layouts.wrong import Wrong, shortened

TEAM, PERSON = "team", "person"


@dataclass
class Directory:
    """The persons and teams of a Cairn, as it was when they were read."""

    persons: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    teams: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    _by_key: dict[tuple[str, str], str] = field(default_factory=dict)
    _by_name: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    def read(cls, client: Client) -> "Directory":
        """Everybody, whether still here or not."""
        found = cls()
        for person in client.items("persons"):
            found.add(PERSON, person)
        for team in client.items("teams"):
            found.add(TEAM, team)
        return found

    def add(self, kind: str, one: Mapping[str, Any]) -> None:
        """Make a person or team known by id, external id and e-mail, and by name."""
        (self.persons if kind == PERSON else self.teams)[one["id"]] = one
        for key in (one["id"], one.get("email", "").casefold(), one["external_id"]):
            if key:
                self._by_key[kind, key] = one["id"]
        full = " ".join(one.get(part) or "" for part in ("given_name", "family_name"))
        for name in {folded(one.get("display_name") or one.get("name") or ""), folded(full)} - {""}:
            self._by_name[kind, name].add(one["id"])

    def owner(self, text: str) -> tuple[str, str] | Wrong:
        """Kind and id of an owner: a person by external id or e-mail, or `team:` with a team's external id."""
        kind, name = _divided(text)
        found = self.team(name) if kind == TEAM else self.person(name)
        return found if isinstance(found, Wrong) else (kind, found)

    def person(self, text: str) -> str | Wrong:
        """The id of a person by external id or e-mail."""
        kind, name = _divided(text)
        found = self._by_key.get((PERSON, name)) or self._by_key.get((PERSON, name.casefold()))
        if kind == TEAM or found is None:
            remedy = "Give the external id or the e-mail address of somebody known, or import the people first."
            return Wrong(f"Nobody is known as “{shortened(text)}”.", remedy)
        return found

    def team(self, name: str) -> str | Wrong:
        """The id of a team by external id."""
        found = self._by_key.get((TEAM, name))
        if found is None:
            remedy = "Give a team's external id, or import the teams first."
            return Wrong(f"No team is known as “{shortened(name)}”.", remedy)
        return found

    def bearers(self, kind: str, name: str) -> list[str]:
        """The ids of the persons or teams of this name, whatever its case, accents and blanks.

        Persons also by given and family name, and as “Family, Given”.
        """
        family, comma, given = name.partition(",")
        ways = {folded(name), folded(f"{given} {family}")} if comma and kind == PERSON else {folded(name)}
        return sorted({id for way in ways for id in self._by_name.get((kind, way), ())})

    def gone(self, kind: str, id: str) -> Wrong | None:
        """Why this one cannot be given anything new; None where they can."""
        if kind == PERSON and not self.persons[id]["active"]:
            return Wrong(f"{self.persons[id]['display_name']} has left.", "Choose somebody who is here.")
        if kind == TEAM and self.teams[id]["archived"]:
            return Wrong(f"The team {self.teams[id]['name']} is archived.", "Choose another team.")
        return None

    def called(self, kind: str, id: str) -> str:
        """What a file calls this owner; it reads as the same one again."""
        if kind == TEAM:
            return f"team:{self.teams.get(id, {}).get('external_id') or id}"
        person = self.persons.get(id, {})
        name = str(person.get("external_id") or person.get("email") or id)
        return f"person:{name}" if _divided(name) != (PERSON, name) else name


def folded(name: str) -> str:
    """A name without case, accents and superfluous blanks."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", name) if not unicodedata.combining(sign))
    return " ".join(bare.casefold().split())


def _divided(text: str) -> tuple[str, str]:
    kind, colon, name = text.partition(":")
    return (kind, name.strip()) if colon and kind in (TEAM, PERSON) else (PERSON, text)
