"""Lists and lookups of uploads, the results of their rows, and profiles."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from chassis.http import Page, paged
from chassis.http.pages import cursor_of, place_of
from chassis.problems import NotFound
from services.people.uploads.models import Profile, Upload, UploadFile, UploadRows
from services.people.uploads.results import kinds_of, unpacked

NEWEST_FIRST = (Upload.sent_at.desc(), Upload.id.desc())


def upload(session: Session, upload_id: str, *, lock: bool = False) -> Upload:
    """Raises NotFound."""
    statement = select(Upload).where(Upload.id == upload_id)
    found = session.execute(statement.with_for_update() if lock else statement).scalar_one_or_none()
    if found is None:
        raise NotFound("There is no import with this id.")
    return found


def uploads(session: Session, page: Page, filters: dict[str, Any]) -> dict[str, Any]:
    """Uploads, the newest first; `of`, `state` and `digest` must fit."""
    statement = select(Upload)
    for name in filters.keys() & {"of", "state", "digest"}:
        statement = statement.where(getattr(Upload, name) == filters[name])
    return paged(session, statement, NEWEST_FIRST, page.limit, page.cursor)


def rows(session: Session, upload_id: str, page: Page, what: str | None) -> dict[str, Any]:
    """The result of every row, or of those with this one, in the order of the file. Raises NotFound."""
    upload(session, upload_id)
    columns = [UploadRows.first]
    after = 0 if page.cursor is None else int(place_of(page.cursor, columns)[0])
    found = list(islice(_rows_behind(session, upload_id, after, what), page.limit + 1))
    here = found[: page.limit]
    cursor = cursor_of([here[-1][0]], columns) if len(found) > page.limit else None
    return {"items": [row for _, row in here], "next": cursor}


def _rows_behind(
    session: Session, upload_id: str, after: int, what: str | None
) -> Iterator[tuple[int, dict[str, Any]]]:
    here = (UploadRows.import_id == upload_id, UploadRows.last > after)
    chunks = session.execute(select(UploadRows.first, UploadRows.kinds).where(*here).order_by(UploadRows.first))
    for first, kinds in chunks.all():
        if what is None or what in kinds:
            packed = select(UploadRows.packed).where(UploadRows.import_id == upload_id, UploadRows.first == first)
            for place, row in enumerate(unpacked(session.execute(packed).scalar_one()), start=first):
                if place > after and (what is None or what in kinds_of(row)):
                    yield place, row


def file_of(session: Session, upload_id: str, kind: str) -> UploadFile | None:
    """The file as sent, or the one to mend; None where there is none, or none any more."""
    return session.get(UploadFile, (upload_id, kind))


def find_profile(session: Session, name: str, *, lock: bool = False) -> Profile | None:
    """The profile of this name, if there is one."""
    return session.get(Profile, name, with_for_update=lock)


def profile(session: Session, name: str) -> Profile:
    """Raises NotFound."""
    found = find_profile(session, name)
    if found is None:
        raise NotFound("There is no profile of this name.")
    return found
