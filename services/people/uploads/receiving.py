"""Taking files in: what can be checked at once is, everything else is the worker's."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from chassis import access
from chassis.files.columns import ColumnMap, Mismapped
from chassis.http import Expected
from chassis.problems import Conflict, Fault, Invalid
from chassis.unit import Unit
from services.people.uploads import models, queries
from services.people.uploads.models import Profile, Upload, UploadFile

RUN = "import.run"
OF_THE_CALL = ("of", "dry_run", "profile", "name")
OF_PEOPLE = {"preset", "dates", "map", "complete", "accept_leavers", "unknown_managers"}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def receive(unit: Unit, content: bytes, given: Mapping[str, Any]) -> Upload:
    """Keep a file for the worker; `given` are the options of the call. Raises Denied, Invalid."""
    access.check(unit.actor, RUN)
    if not content:
        raise Invalid.at("", "The file is empty; send its content as the body.")
    _refuse_for_teams(given)
    asked = {**_of_profile(unit, given.get("profile")), **_own(given)}
    digest = hashlib.sha256(content).hexdigest()
    upload = Upload(
        of=given["of"],
        state=models.WAITING,
        queued_at=unit.now(),
        sent_at=unit.now(),
        sent_by=unit.actor.id,
        sender=_sender(unit.actor),
        traceparent=unit.trace.traceparent,
        name=given.get("name"),
        size=len(content),
        digest=digest,
        same_as=_applied_before(unit, given["of"], digest),
        asked=asked,
        dry_run=given["dry_run"],
    )
    unit.session.add(upload)
    unit.session.flush()
    unit.session.add(UploadFile.of(upload.id, models.SENT, content))
    return upload


def accept(unit: Unit, upload_id: str, given: Mapping[str, Any]) -> Upload:
    """Let what was judged and not applied be applied as it was judged. Raises NotFound, Conflict, Denied."""
    access.check(unit.actor, RUN)
    upload = queries.upload(unit.session, upload_id, lock=True)
    if upload.state not in models.ACCEPTABLE or upload.outcome is None:
        why = f"This import is {upload.state}; only one that was judged and not applied can be applied."
        raise Conflict(why, kind="not-judged")
    if not upload.kept:
        raise Conflict("The file of this import is no longer kept; send it again.", kind="not-kept")
    upload.asked = {**upload.asked, **given}
    upload.sent_by, upload.sender = unit.actor.id, _sender(unit.actor)
    upload.state, upload.dry_run, upload.queued_at, upload.attempts = models.WAITING, False, unit.now(), 0
    upload.started_at = upload.finished_at = upload.detail = None
    return upload


def save_profile(unit: Unit, name: str, expected: Expected, options: Mapping[str, Any]) -> Profile:
    """Keep options under a name, in place of what was there. Raises Denied, Invalid, Stale."""
    access.check(unit.actor, RUN)
    if "map" in options:
        _checked_map(json.dumps(options["map"]))
    profile = queries.find_profile(unit.session, name, lock=True)
    if profile is None:
        profile = Profile(name=_checked_name(name), version=0)
        unit.session.add(profile)
    else:
        expected.require(profile)
    profile.version += 1
    profile.options = dict(options)
    profile.changed_at, profile.changed_by = unit.now(), unit.actor.id
    return profile


def forget_profile(unit: Unit, name: str, expected: Expected) -> None:
    """Remove a profile; files that wait with its options keep them. Raises Denied, NotFound, Stale."""
    access.check(unit.actor, RUN)
    profile = queries.profile(unit.session, name)
    expected.require(profile)
    unit.session.delete(profile)


def _sender(actor: access.Actor) -> dict[str, Any]:
    return {"kind": actor.kind, "roles": sorted(actor.roles), "scopes": sorted(actor.scopes)}


def _own(given: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: value for name, value in given.items() if name not in OF_THE_CALL}
    return {**own, "map": dict(_checked_map(own["map"]).sources)} if "map" in own else own


def _refuse_for_teams(given: Mapping[str, Any]) -> None:
    found = sorted(given.keys() & OF_PEOPLE) if given["of"] == models.TEAMS else []
    if found:
        raise Invalid.of([Fault(f"/{name}", "This is for files of people; leave it out for teams.") for name in found])


def _checked_map(text: str) -> ColumnMap:
    try:
        return ColumnMap.parse(text)
    except Mismapped as fault:
        raise Invalid.at("/map", str(fault)) from fault


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise Invalid.at("/name", "A profile's name has letters, digits, dots, dashes and underscores, 60 at most.")
    return name


def _of_profile(unit: Unit, name: str | None) -> dict[str, Any]:
    if name is None:
        return {}
    found = queries.find_profile(unit.session, name)
    if found is None:
        known = ", ".join(unit.session.execute(select(Profile.name).order_by(Profile.name).limit(20)).scalars())
        raise Invalid.at("/profile", f"There is no profile of this name; there are {known or 'none yet'}.")
    return dict(found.options)


def _applied_before(unit: Unit, of: str, digest: str) -> str | None:
    same = (Upload.of == of, Upload.digest == digest, Upload.state == models.APPLIED)
    newest = select(Upload.id).where(*same).order_by(Upload.sent_at.desc()).limit(1)
    return unit.session.execute(newest).scalar()
