"""A native file by its name and content: JSON where it begins like it, CSV otherwise."""

import re
from pathlib import Path

from cairn.exchange.layouts import csv_files, decoding, json_files
from cairn.exchange.layouts.native import Item, Layout

_NATIVE_LIST = re.compile(r'"(cycles|objectives|key_results)"\s*:\s*\[')


def looks_native(data: bytes) -> bool:
    """Whether a file begins like one of goals in our own layouts."""
    beginning = data[:65_536].decode("utf-8-sig", errors="replace").lstrip()
    if beginning[:1] == "{":
        return bool(_NATIVE_LIST.search(beginning))
    return {"item", "external_id"} <= {cell.strip() for cell in beginning.partition("\n")[0].split(",")}


def load(path: Path, layout: Layout) -> list[Item]:
    """The items of a file. Raises Rejected, and OSError where it cannot be read."""
    content = decoding.decoded(decoding.read(path))
    is_json = path.suffix.lower() == ".json" or content.lstrip()[:1] in ("{", "[")
    return json_files.read(content, layout) if is_json else csv_files.read(content, layout)
