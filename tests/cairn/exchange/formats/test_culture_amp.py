"""Culture Amp: goals with their key results in columns, in and out again cell by cell."""

from cairn.exchange.formats.culture_amp import CULTURE_AMP
from tests.support.formats import Place, differences, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/culture_amp_goals_import_layout/filled_from_ipld.csv"


def test_a_real_file_comes_back_cell_by_cell_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    place.people({row["email"]: row["email"].split("@")[0] for row in before})
    place.bring(CULTURE_AMP, data)
    after = rows(place.take(CULTURE_AMP))
    assert len(after) == len(before)
    assert differences([row | {"key": row["name"] + row["due_at"]} for row in before],
                       [row | {"key": row["name"] + row["due_at"]} for row in after], "key") == []  # fmt: skip
    assert unchanged(place.bring(CULTURE_AMP, data))
