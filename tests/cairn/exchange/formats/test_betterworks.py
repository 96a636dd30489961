"""Betterworks: goals with the milestones below them, in and out again row by row."""

from cairn.exchange.formats.betterworks import BETTERWORKS
from tests.support.formats import Place, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/betterworks_okr_upload_layout/filled_from_ipld.csv"


def test_a_real_file_comes_back_row_by_row_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    place.people({row["owner_email"]: row["owner_email"].split("@")[0] for row in before})
    place.bring(BETTERWORKS, data)
    assert rows(place.take(BETTERWORKS)) == before
    assert unchanged(place.bring(BETTERWORKS, data))
