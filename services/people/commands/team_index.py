"""All teams as a file may name them: by external id, else by name where only one bears it."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.people.models import Team
from services.people.rules.fields import folded
from services.people.rules.wrong import Wrong


class TeamIndex:
    def __init__(self, session: Session) -> None:
        rows = session.execute(select(Team.id, Team.external_id, Team.name, Team.archived)).all()
        self.names: dict[str, str] = {row.id: row.name for row in rows}
        self._archived = {row.id for row in rows if row.archived}
        self._by_external = {row.external_id: row.id for row in rows if row.external_id}
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for row in rows:
            self._by_name[folded(row.name)].append(row.id)

    def find(self, name: str, present: Collection[str]) -> str | Wrong:
        """The id of the team named, for someone who is in the `present` ones; a Wrong where it cannot be."""
        found = [self._by_external[name]] if name in self._by_external else self._by_name.get(folded(name), [])
        if len(found) > 1:
            found = [one for one in found if one not in self._archived] or found
        if not found:
            return Wrong("There is no team with this external id or name.", "Mend it, or import the teams first.")
        if len(found) > 1:
            return Wrong("Several teams bear this name.", "Write the team's external id.")
        if found[0] in self._archived and found[0] not in present:
            return Wrong("This team is archived and takes no new members.", "Name another, or restore the team first.")
        return found[0]
