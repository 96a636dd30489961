"""Whether what stands in a column can be what its header says."""

from collections.abc import Callable, Mapping

from services.people.layouts.dates import read_date
from services.people.layouts.grid import Facts
from services.people.layouts.values import NOBODY, activity_words, listed

_HALF = 0.5
_SALUTATIONS = listed(
    "mr|mrs|ms|miss|mx|dr|prof|mr.|mrs.|ms.|dr.|prof.|herr|frau|m.|mme|mlle|sr|sra|sr.|sra.|sig.|sig.ra|dhr.|mevr.|pan|pani"
)
YES = listed("yes|y|true|1|x|ja|j|oui|o|si|sí|s|sim|tak|kyllä|ano|evet|igen|da")
_NO = listed("no|n|false|0|nein|non|não|nao|nie|nee|nej|nei|ei|ne|hayır|nem|nu")  # noqa: RUF001 - Turkish
FIRST_POST = YES | listed("primary|main|principal|haupt|hoofd|first|primär|primaire")
FURTHER_POST = _NO | listed("secondary|additional|second|other|neben|further|concurrent|acting|interim")


def _share(facts: Facts, test: Callable[[str], object]) -> float:
    looked_at = [cell for cell in facts.distinct if cell.lower() not in NOBODY]
    return sum(bool(test(cell)) for cell in looked_at) / len(looked_at) if looked_at else 1.0


def _dates(facts: Facts) -> bool:
    return (
        _share(facts, lambda cell: isinstance(read_date(cell, "dmy"), str) or isinstance(read_date(cell, "mdy"), str))
        >= _HALF
    )


def _activity(facts: Facts) -> bool:
    return _share(facts, lambda cell: cell.lower() in activity_words()) >= _HALF


def _posts(facts: Facts) -> bool:
    return _share(facts, lambda cell: cell.lower() in FIRST_POST | FURTHER_POST) >= _HALF


_FITS: Mapping[str, Callable[[Facts], bool]] = {
    "email": lambda facts: facts.email_share() >= _HALF,
    "external_id": lambda facts: len(facts.distinct) >= facts.filled * _HALF,
    "title": lambda facts: _share(facts, lambda cell: cell.lower() in _SALUTATIONS) < _HALF,
    "status": _activity,
    "active": _activity,
    "inactive": _activity,
    "primary": _posts,
    "secondary": _posts,
    "start_date": _dates,
    "end_date": _dates,
    "effective_date": _dates,
}


def fits(meaning: str, facts: Facts) -> bool:
    test = _FITS.get(meaning)
    return test is None or test(facts)
