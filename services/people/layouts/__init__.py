"""Any HR file as rows in our columns: `understand` recognises its system or its headers and says what it found."""

from services.people.layouts.presets import OWN, PRESETS
from services.people.layouts.understanding import understand
from services.people.layouts.understood import Asked, Recognition, Source, Understood, Unread

__all__ = ["OWN", "PRESETS", "Asked", "Recognition", "Source", "Understood", "Unread", "understand"]
