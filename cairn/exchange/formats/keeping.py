"""What a row says beyond Cairn's fields, kept in attributes so that the same row can be written again.

The row is compared with what would be written from the fields alone. Where both say the same nothing is kept; else
the file's text is kept under its column, with a mark of what the fields said. It is given back only while they still
say that: what has changed in Cairn since counts before what was imported.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import blake2b

from cairn.exchange.formats.figures import same_figure
from cairn.exchange.layouts.native import MOST_ATTRIBUTES

MARKS = "as imported"
_LONGEST = 4000
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PART = re.compile(r"(?P<name>.*) \[…(?P<number>[2-9]|[1-9][0-9]+)\]", re.DOTALL)


def kept(form: str, raw: Mapping[str, str], written: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """The attributes of a row of a format: those it has, and what `written` would not say as `raw` does."""
    found, marks = dict(own), {"": form}
    for column, text in raw.items():
        said = written.get(column, "")
        if _same(text, said) or column in own:
            continue
        if said:
            marks[column] = _mark(said)
        if text:
            found |= _parts(column, _CONTROL.sub("", text))
    return found | {MARKS: json.dumps(marks, ensure_ascii=False)}


def renewed(found: Mapping[str, str], present: Mapping[str, str], columns: Iterable[str]) -> dict[str, str]:
    """The attributes, with an empty text for those of these columns that Cairn has and the file has no longer."""
    ours = {*columns, MARKS}
    return {**{name: "" for name in present if _column(name) in ours}, **found}


def fitting(found: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """As many of the attributes as Cairn keeps, and the columns left out: the longest first."""
    sizes: Counter[str] = Counter(map(_column, found))
    left_out: list[str] = []
    while sum(sizes.values()) > MOST_ATTRIBUTES:
        [(column, _)] = sizes.most_common(1)
        left_out.append(column)
        del sizes[column]
    return {name: text for name, text in found.items() if _column(name) in sizes}, left_out


def given_back(form: str, written: Mapping[str, str], attributes: Mapping[str, str]) -> dict[str, str]:
    """The row as a file of this format had it, but for what has changed since; columns only the file had come last."""
    texts = _joined(attributes)
    marks = _marks(texts.pop(MARKS, "{}"))
    row = dict(written)
    if marks.pop("", None) != form:
        return row
    for column in {**texts, **marks}:
        said = written.get(column, "")
        if (not said and column not in marks) or marks.get(column) == _mark(said):
            row[column] = texts.get(column, "")
    return row


def kept_text(attributes: Mapping[str, str], column: str) -> str:
    """What is kept under a column, its parts together; empty for nothing."""
    return _joined(attributes).get(column, "")


def _same(text: str, said: str) -> bool:
    return text == said or same_figure(text, said)


def _mark(said: str) -> str:
    return blake2b(said.encode(errors="replace"), digest_size=4).hexdigest()


def _parts(column: str, text: str) -> dict[str, str]:
    """A long text as several attributes: `Notes`, `Notes […2]`."""
    pieces = [text[start : start + _LONGEST] for start in range(0, len(text), _LONGEST)]
    return {column if number == 1 else f"{column} […{number}]": piece for number, piece in enumerate(pieces, 1)}


def _joined(attributes: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in sorted(attributes, key=_number):
        column = _column(name)
        found[column] = found.get(column, "") + attributes[name]
    return {name: found[name] for name in dict.fromkeys(map(_column, attributes))}


def _column(name: str) -> str:
    part = _PART.fullmatch(name)
    return part["name"] if part else name


def _number(name: str) -> int:
    part = _PART.fullmatch(name)
    return int(part["number"]) if part else 1


def _marks(text: str) -> dict[str, str]:
    """What the marks say; nothing where somebody has changed them."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
