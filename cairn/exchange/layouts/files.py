"""A native file by its name and content: JSON where it begins like it, CSV otherwise."""

from pathlib import Path

from cairn.exchange.layouts import csv_files, decoding, json_files
from cairn.exchange.layouts.native import Item, Layout


def load(path: Path, layout: Layout) -> list[Item]:
    """The items of a file. Raises Rejected, and OSError where it cannot be read."""
    content = decoding.decoded(decoding.read(path))
    is_json = path.suffix.lower() == ".json" or content.lstrip()[:1] in ("{", "[")
    return json_files.read(content, layout) if is_json else csv_files.read(content, layout)
