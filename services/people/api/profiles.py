"""Profiles: how a file that comes again and again is to be read, under a name."""

from typing import Any

from chassis.access import check
from chassis.http import Blueprint, actor, expected, reads, session, tagged, unit, writes
from services.people.uploads import models, queries, receiving, schemas

blp = Blueprint("import-profiles", __name__, url_prefix="/api/v1", description="How files are read, under a name.")


@blp.get("/import-profiles/<string:profile_name>")
@reads("people", "import.run")
@blp.response(200, schemas.Profile)
def get_import_profile(profile_name: str) -> dict[str, Any]:
    """One profile."""
    check(actor(), "import.run")
    return _shown(queries.profile(session(), profile_name))


@blp.put("/import-profiles/<string:profile_name>")
@writes("people", "import.run")
@blp.arguments(schemas.ProfileBody)
@blp.response(200, schemas.Profile)
def save_import_profile(body: dict[str, Any], profile_name: str) -> dict[str, Any]:
    """Keep a column map and options under this name, in place of what it meant before."""
    return _shown(receiving.save_profile(unit(), profile_name, expected(), body))


@blp.delete("/import-profiles/<string:profile_name>")
@writes("people", "import.run", status=204)
@blp.response(204)
def forget_import_profile(profile_name: str) -> None:
    """Remove a profile. Twice is not found."""
    receiving.forget_profile(unit(), profile_name, expected())


def _shown(profile: models.Profile) -> dict[str, Any]:
    tagged(profile)
    return {**profile.options, "name": profile.name, "version": profile.version, "changed_at": profile.changed_at}
