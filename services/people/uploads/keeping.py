"""How long files stay: they are full of personal data, and nobody needs them once everything in them is mended."""

from datetime import timedelta

from sqlalchemy import delete, select, update

from chassis.service import Task
from chassis.unit import Unit
from services.people.uploads.models import UNFINISHED, Upload, UploadFile, UploadRows

CLEAR_EVERY = 3600.0
AT_ONCE = 100


def task(kept: timedelta) -> Task:
    """Removes file, error file and row results of imports that ended longer ago; what they came to stays."""

    def clear(unit: Unit) -> None:
        over = (Upload.kept, Upload.finished_at < unit.now() - kept, Upload.state.not_in(UNFINISHED))
        old = unit.session.execute(select(Upload.id).where(*over).limit(AT_ONCE)).scalars().all()
        for kind in (UploadRows, UploadFile):
            unit.session.execute(delete(kind).where(kind.import_id.in_(old)))
        unit.session.execute(update(Upload).where(Upload.id.in_(old)).values(kept=False))

    return Task("import-files", CLEAR_EVERY, clear)
