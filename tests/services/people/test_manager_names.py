"""Managers by name: taken where one person bears it, told where it could be several, never against an id."""

import pytest

from tests.support.people import Office

HEADER = "external_id,email,display_name,given_name,family_name,manager_external_id,manager_name\n"
FILE = (
    HEADER
    + """1,ana@b.example,Ana Sousa,Ana,Sousa,,
2,ben@b.example,Ben,Benjamin,Okoye,,ANA  sousa
3,cleo@b.example,Cleo,Cleo,Diaz,,"Okoye, Benjamin"
"""
)


def managers(office: Office) -> dict[str, str | None]:
    people = office.get("/persons", limit=200)["items"]
    return {one["display_name"]: (one["manager"] or {}).get("display_name") for one in people}


def reasons(office: Office, file: str) -> list[tuple[int, str | None, str]]:
    report = office.imported(file, dry_run="true")
    return [(one["row"], one["column"], one["reason"]) for one in report["rejected"]]


def test_names_are_found_in_the_file_in_any_order_and_again_change_nothing(office: Office) -> None:
    lines = FILE.splitlines()
    office.imported("\n".join([lines[0], *reversed(lines[1:])]) + "\n")
    assert managers(office) == {"Ana Sousa": None, "Ben": "Ana Sousa", "Cleo": "Ben"}
    assert office.imported(FILE)["unchanged"] == 3


def test_names_are_found_among_the_active_people(office: Office) -> None:
    office.imported(FILE)
    office.imported("external_id,email,display_name,manager_name\n4,d@b.example,Dan,cleo\n")
    assert managers(office)["Dan"] == "Cleo"
    office.imported("external_id,active\n3,false\n")
    ((row, column, _),) = reasons(office, "external_id,manager_name\n2,cleo\n")
    assert (row, column) == (2, "manager_name")


def test_a_name_of_several_people_is_refused_with_all_of_them(office: Office) -> None:
    office.person("Ana Sousa", email="other@b.example", external_id="77")
    (row, column, reason), needs_it = reasons(office, FILE)
    assert needs_it[0] == 4
    assert (row, column) == (3, "manager_name")
    assert "Ana Sousa (1, ana@b.example)" in reason
    assert "Ana Sousa (77, other@b.example)" in reason


def test_an_id_wins_over_a_nickname_and_not_over_the_name_of_somebody_else(office: Office) -> None:
    office.imported(FILE)
    assert reasons(office, "external_id,manager_external_id,manager_name\n3,1,Annie\n") == []
    ((row, column, reason),) = reasons(office, "external_id,manager_external_id,manager_name\n3,1,Ben\n")
    assert (row, column) == (2, "manager_name")
    assert "Ben (2, ben@b.example)" in reason


def test_an_empty_name_is_no_manager_where_no_other_column_names_one(office: Office) -> None:
    office.imported(FILE)
    office.imported("external_id,manager_name\n2,\n")
    office.imported("external_id,manager_external_id,manager_name\n3,1,\n")
    assert managers(office) == {"Ana Sousa": None, "Ben": None, "Cleo": "Ana Sousa"}


def test_nobody_is_their_own_manager_by_name_either(office: Office) -> None:
    assert office.refused("email,display_name,manager_name\na@b.example,Ana,ana\n") == [(2, "manager_name")]


@pytest.mark.parametrize("column", ["manager_external_id", "manager_email", "manager_name"])
def test_rows_of_unknown_managers_can_be_taken_without_one_until_the_manager_turns_up(
    office: Office, column: str
) -> None:
    file = f"external_id,email,display_name,{column}\n1,a@b.example,Ana,x@b.example\n2,b@b.example,Ben,x@b.example\n"
    assert office.refused(file) == [(2, column), (3, column)]
    report = office.imported(file, unknown_managers="top")
    assert (report["created"], managers(office)) == (2, {"Ana": None, "Ben": None})
    (remark,) = report["remarks"]
    assert remark.endswith("2. Named are x@b.example.")
    grown = file + "x@b.example,x@b.example,x@b.example,\n"
    assert office.imported(grown, unknown_managers="top")["changed"] == 2
    assert managers(office)["Ana"] == "x@b.example"
