"""What becomes of rows: vacancies, further posts, leavers, managers however they are named, and broken cells."""

import pytest

from tests.support.hr_files import cells, csv_file, people, read, reasons

ANA, BO, CY = "ana@example.org", "bo@example.org", "cy@example.org"


def skipped(understood: object) -> list[tuple[int, str]]:
    return [(one.line, one.reason) for one in understood.skipped]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "name", ["Vacant", "New Vacancy", "TBH", "Vakante Stelle", "N.N.", "Open position - Sales", "unbesetzt"]
)
def test_a_row_without_address_that_is_called_vacant_is_skipped(name: str) -> None:
    understood = read(csv_file(["ID", "Email", "Name"], ["1", ANA, "Ana"], ["2", "", name]))
    assert skipped(understood) == [(3, "A vacancy: nobody holds this post.")]


def test_somebody_with_an_address_is_no_vacancy_whatever_the_name() -> None:
    assert len(people(read(csv_file(["ID", "Email", "Name"], ["1", ANA, "Vacant"])))) == 1


def test_rows_without_address_that_are_no_vacancies_are_left_to_be_judged() -> None:
    understood = read(csv_file(["ID", "Email", "Name"], ["1", "", "Ana Silva"], ["2", BO, "Bo"]))
    assert cells(understood, "external_id", "email") == [("1", None), ("2", BO)]


def test_an_empty_address_or_name_takes_nothing_away_from_somebody_known() -> None:
    understood = read(csv_file(["ID", "Email", "Name"], ["1", "", "Ana Silva"], ["2", BO, ""]))
    assert [set(row.cells) for row in understood.table.rows] == [
        {"external_id", "display_name"},
        {"external_id", "email"},
    ]


def test_a_row_repeated_word_for_word_counts_once() -> None:
    understood = read(csv_file(["Email", "Name", "Floor"], [ANA, "Ana", "1"], [BO, "Bo", "1"], [ANA, "Ana", "1"]))
    assert skipped(understood) == [(4, "Repeats line 2 word for word.")]


def test_a_further_post_under_oneself_folds_into_the_first() -> None:
    rows = [["1", ANA, "Ana", "", "CEO"], ["2", BO, "Bo", "2", "Acting lead"], ["2", BO, "Bo", "1", "Engineer"]]
    understood = read(csv_file(["Employee ID", "Email", "Name", "Manager ID", "Title"], *rows))
    assert cells(understood, "external_id", "manager_external_id", "title") == [
        ("1", "", "CEO"),
        ("2", "1", "Engineer; also: Acting lead"),
    ]


def test_two_rows_of_one_person_with_different_managers_are_left_to_be_judged() -> None:
    rows = [
        ["1", ANA, "Ana", "", "CEO"],
        ["2", BO, "Bo", "1", "Dev"],
        ["3", CY, "Cy", "2", "Dev"],
        ["3", CY, "Cy", "1", "QA"],
    ]
    understood = read(csv_file(["Employee ID", "Email", "Name", "Manager ID", "Title"], *rows))
    assert (len(people(understood)), understood.skipped) == (4, [])


def test_two_people_under_one_id_are_left_to_be_judged() -> None:
    understood = read(csv_file(["Employee ID", "Email", "Name"], ["1", ANA, "Ana"], ["1", BO, "Bo"]))
    assert (len(people(understood)), understood.skipped) == (2, [])


def test_an_ended_post_gives_way_to_the_one_that_is_held() -> None:
    rows = [["1", ANA, "Ana", "Intern", "terminated"], ["1", ANA, "Ana", "Engineer", "active"]]
    understood = read(csv_file(["Employee ID", "Email", "Name", "Title", "Status"], *rows))
    assert cells(understood, "title", "active") == [("Engineer", "true")]
    assert skipped(understood) == [(2, "An ended post of the person in line 3.")]


def test_rows_that_hold_from_different_days_are_all_kept() -> None:
    rows = [["1", ANA, "Ana", "Dev", "2026-01-01"], ["1", ANA, "Ana", "Lead", "2026-07-01"]]
    understood = read(csv_file(["Employee ID", "Email", "Name", "Title", "Effective Date"], *rows))
    assert cells(understood, "title", "effective_date") == [("Dev", "2026-01-01"), ("Lead", "2026-07-01")]


def test_empty_cells_of_a_leaver_say_nothing_and_those_of_others_clear() -> None:
    rows = [[ANA, "Ana", "", "", "active"], [BO, "Bo", "", "", "terminated"], [CY, "Cy", "Dev", ANA, "active"]]
    understood = read(csv_file(["Email", "Name", "Title", "Manager Email", "Status"], *rows))
    assert people(understood)[0] == {
        "email": ANA,
        "display_name": "Ana",
        "title": "",
        "manager_email": "",
        "active": "true",
    }
    assert people(understood)[1] == {"email": BO, "display_name": "Bo", "active": "false"}


def test_whoever_alone_names_themself_as_manager_stands_at_the_top() -> None:
    understood = read(csv_file(["Email", "Name", "Manager Email"], [ANA, "Ana", ANA.upper()], [BO, "Bo", ANA]))
    assert cells(understood, "manager_email") == [("",), (ANA,)]
    assert "Line 2 names itself as manager: taken for the top." in understood.recognised.remarks


def test_somebody_below_another_top_who_names_themself_is_left_to_be_judged() -> None:
    understood = read(csv_file(["Email", "Name", "Manager Email"], [ANA, "Ana", ""], [BO, "Bo", BO]))
    assert cells(understood, "manager_email") == [("",), (BO,)]


@pytest.mark.parametrize("mark", ["-", "n/a", "NO_MANAGER", "None", "XX", "keiner", "#N/A"])
def test_marks_that_name_nobody_are_no_manager(mark: str) -> None:
    understood = read(csv_file(["Employee ID", "Email", "Manager ID"], ["1", ANA, mark], ["2", BO, "1"]))
    assert cells(understood, "manager_external_id") == [("",), ("1",)]


def test_a_mark_that_is_somebodys_id_names_that_person() -> None:
    understood = read(csv_file(["Employee ID", "Email", "Manager ID"], ["XX", ANA, ""], ["2", BO, "XX"]))
    assert cells(understood, "manager_external_id") == [("",), ("XX",)]


def test_managers_by_any_form_of_their_name_are_called_as_they_are_displayed() -> None:
    header = ["Email", "First name", "Preferred name", "Last name", "Manager"]
    rows = [
        [ANA, "Anastasia", "Ana", "Silva Péres", ""],
        [BO, "Bo", "", "Lind", "Silva Péres, Anastasia"],
        [CY, "Cy", "", "Ito", "ana SILVA PERES"],
        ["di@example.org", "Di", "", "Roy", "Lund, Eve"],
    ]
    understood = read(csv_file(header, *rows))
    assert cells(understood, "manager_name") == [("",), ("Ana Silva Péres",), ("Ana Silva Péres",), ("Eve Lund",)]


def test_names_in_any_shape_are_turned_the_usual_way_round() -> None:
    understood = read(csv_file(["EmpID", "Employee_Name", "Email"], ["1", "Silva, Ana  M", ANA], ["2", "Lind, Bo", BO]))
    assert cells(understood, "display_name") == [("Ana M Silva",), ("Bo Lind",)]


def test_a_preferred_name_takes_the_place_of_the_given_one() -> None:
    header = ["Email", "Name", "Preferred Name"]
    understood = read(csv_file(header, [ANA, "Robert Smith", "Bob"], [BO, "Bo Lind", "Bo"], [CY, "Cy Ito", ""]))
    assert cells(understood, "display_name") == [("Bob Smith",), ("Bo Lind",), ("Cy Ito",)]


def test_status_words_of_any_system_say_whether_somebody_is_active() -> None:
    words = {
        "Active": "true",
        "on leave": "true",
        "Terminated": "false",
        "Deceased": "false",
        "suspended": "false",
        "": None,
    }
    rows = [[f"p{place}@example.org", "P", word] for place, word in enumerate(words)]
    assert cells(read(csv_file(["Email", "Name", "Status"], *rows)), "active") == [(one,) for one in words.values()]


def test_a_status_word_nobody_knows_is_a_wrong_row() -> None:
    understood = read(csv_file(["Email", "Name", "Status"], [ANA, "Ana", "active"], [BO, "Bo", "floating"]))
    assert reasons(understood) == [(3, "Status", "This word does not say whether the person is active.")]


def test_a_column_of_the_terminated_is_turned_round() -> None:
    understood = read(csv_file(["Email", "Name", "Terminated"], [ANA, "Ana", "0"], [BO, "Bo", "1"]))
    assert cells(understood, "active") == [("true",), ("false",)]


def test_formulas_in_columns_that_are_read_are_wrong_rows_and_guards_are_taken_off() -> None:
    header = ["Employee ID", "Email", "Name", "Floor"]
    understood = read(csv_file(header, ['="0042"', ANA, "'-Ana", "=1+1"], ["7", BO, "=HYPERLINK(1)", ""]))
    assert cells(understood, "external_id", "display_name") == [("0042", "-Ana")]
    assert reasons(understood) == [(3, "Name", "The cell holds a formula.")]


def test_signs_nobody_sees_are_cut_off() -> None:
    understood = read(
        csv_file(
            ["Employee ID", "Email", "Name", "Title"],
            ["\u200b0042", f"\ufeff{ANA}\u00a0", "Ana\u00a0 Silva", "Head\nof R&D"],
        )
    )
    assert people(understood) == [
        {"external_id": "0042", "email": ANA, "display_name": "Ana Silva", "title": "Head of R&D"}
    ]


def test_time_zones_and_languages_that_cannot_be_read_are_left_out_and_told() -> None:
    header = ["Email", "Name", "Timezone", "Language"]
    rows = [
        [ANA, "Ana", "W. Europe Standard Time", "en_US"],
        [BO, "Bo", "europe/lisbon", "German"],
        [CY, "Cy", "Moon", "Klingon"],
    ]
    understood = read(csv_file(header, *rows))
    assert cells(understood, "time_zone", "locale") == [
        ("Europe/Berlin", "en-US"),
        ("Europe/Lisbon", "de"),
        (None, None),
    ]
    assert "Timezone: no time zone Cairn knows in one row, left out (“Moon”)." in understood.recognised.remarks


def test_a_row_cut_off_before_a_column_that_is_read_is_wrong() -> None:
    data = csv_file(["Employee ID", "Email", "Name", "Floor"], ["1", ANA, "Ana", "1"], ["2", BO, "Bo"], ["3", CY])
    understood = read(data)
    assert cells(understood, "external_id") == [("1",), ("2",)]
    assert reasons(understood) == [(4, None, "The row has 2 cells and the header 4.")]


def test_a_row_with_more_cells_than_the_header_is_wrong_unless_they_are_empty() -> None:
    understood = read(csv_file(["Email", "Name", "Title"], [ANA, "Ana", "Dev", "", ""], [BO, "Lind", " Bo", "Dev"]))
    assert len(people(understood)) == 1
    assert reasons(understood) == [(3, None, "The row has 4 cells and the header 3.")]


def test_the_original_cells_are_kept_by_line() -> None:
    understood = read(csv_file(["Email", "Name"], [ANA, "Ana"], [BO, "=1"]))
    assert (understood.header, list(understood.records[3])) == (["Email", "Name"], [BO, "=1"])


def test_a_manager_named_in_two_columns_is_one_name() -> None:
    header = ["Email", "First name", "Last name", "Supervisor First Name", "Supervisor Last Name"]
    understood = read(csv_file(header, [ANA, "Ana", "Silva", "", ""], [BO, "Bo", "Lind", "Ana", "Silva"]))
    assert cells(understood, "manager_name") == [("",), ("Ana Silva",)]


def test_a_short_row_is_whole_where_only_a_template_stands_behind_it() -> None:
    understood = read(csv_file(["ID", "Name", "Floor"], ["1", "Ana"], ["2", "Bo", "3"]), "email={ID}@example.org")
    assert cells(understood, "email") == [("1@example.org",), ("2@example.org",)]
