"""What can be done with people and teams, one function an intention. Nothing here commits."""

from services.people.commands.due import apply_due
from services.people.commands.people_file import apply_people, import_people
from services.people.commands.persons import (
    change_person,
    change_self,
    deactivate_person,
    reactivate_person,
    register_person,
    set_roles,
)
from services.people.commands.republish import republish
from services.people.commands.scheduling import cancel_scheduled_change
from services.people.commands.teams import archive_team, change_team, create_team, restore_team
from services.people.commands.teams_file import apply_teams, import_teams

__all__ = [
    "apply_due",
    "apply_people",
    "apply_teams",
    "archive_team",
    "cancel_scheduled_change",
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
