"""Peoplebox: a real tree of 163 goals in, out again cell by cell, and in once more without a change."""

from cairn.exchange.formats.peoplebox import PEOPLEBOX
from tests.support.formats import Place, differences, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/peoplebox_goals_csv_v2_layout/filled_from_gitlab_2018-Q3.csv"


def test_a_real_file_comes_back_cell_by_cell_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    place.people({row["Owner Emails"]: row["Owner Emails"].split("@")[0] for row in before})
    place.bring(PEOPLEBOX, data)
    after = rows(place.take(PEOPLEBOX))
    assert len(after) == len(before)
    assert differences(before, after, "Row ID") == []
    assert unchanged(place.bring(PEOPLEBOX, data))
