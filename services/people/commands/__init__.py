"""What can be done with people and teams, one function an intention. Nothing here commits."""

from services.people.commands.people_file import import_people
from services.people.commands.persons import (
    change_person,
    change_self,
    deactivate_person,
    reactivate_person,
    register_person,
    set_roles,
)
from services.people.commands.republish import republish
from services.people.commands.teams import archive_team, change_team, create_team, restore_team
from services.people.commands.teams_file import import_teams

__all__ = [
    "archive_team",
    "change_person",
    "change_self",
    "change_team",
    "create_team",
    "deactivate_person",
    "import_people",
    "import_teams",
    "reactivate_person",
    "register_person",
    "republish",
    "restore_team",
    "set_roles",
]
