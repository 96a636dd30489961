"""okra: key results of a team by quarter, in and out again cell by cell."""

from cairn.exchange.formats.okra import OKRA
from tests.support.formats import Place, rows, unchanged
from tests.support.real_files import data_root

FILE = "okr_tool_exports/okra_tarides_objective_db_layout/filled_from_ipld.csv"


def test_a_real_file_comes_back_cell_by_cell_and_changes_nothing_again(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    before = rows(data)
    place.people({"lead@ipld.example.com": "Team Lead"})
    answers = {"owner:ipld": "lead@ipld.example.com", "closed": "done"}
    place.bring(OKRA, data, answers=answers)
    assert rows(place.take(OKRA)) == before
    assert unchanged(place.bring(OKRA, data, answers=answers))


def test_closed_is_not_taken_for_reached_without_being_told(place: Place) -> None:
    data = (data_root() / FILE).read_bytes()
    place.people({"lead@ipld.example.com": "Team Lead"})
    reading = place.read(OKRA, data, answers={"owner:ipld": "lead@ipld.example.com"})
    assert reading.check_ins == []
    [doubt] = [doubt for doubt in reading.doubts if doubt.id == "closed"]
    assert (doubt.kind, doubt.taken, doubt.times) == ("mark", "not told", 46)
