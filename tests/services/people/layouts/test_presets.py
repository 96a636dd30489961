"""Systems of which only headers and rules are known: files written as they are described."""

import pytest

from services.people.layouts import PRESETS
from services.people.layouts.headers import UNREAD
from services.people.layouts.presets import Preset, preset_of
from services.people.layouts.words import WORDS
from services.people.rules.table import Unreadable
from tests.support.hr_files import cells, csv_file, people, read, sources, unread
from tests.support.workbooks import workbook

ANA, BO = "ana@example.org", "bo@example.org"


def test_tables_of_presets_name_meanings_that_exist() -> None:
    for preset in PRESETS:
        assert set(preset.meanings.values()) <= {*WORDS, *UNREAD}, preset.name
        assert preset.meanings


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)
def test_a_file_with_all_headers_of_a_system_is_taken_for_it(preset: Preset) -> None:
    assert preset_of(frozenset(preset.meanings)) is preset


def test_bamboohr_fields_name_managers_by_employee_number_rather_than_by_its_own_ids() -> None:
    header = "id,employeeNumber,firstName,lastName,preferredName,workEmail,homeEmail,jobTitle,supervisor,supervisorId,"
    header += "supervisorEId,hireDate,terminationDate,status"
    understood = read(
        csv_file(
            header.split(","),
            [
                "901",
                "0042",
                "Anastasia",
                "Silva",
                "Ana",
                ANA,
                "x@home.example",
                "CEO",
                "",
                "",
                "",
                "2020-01-31",
                "",
                "Active",
            ],
            [
                "902",
                "0043",
                "Bo",
                "Lind",
                "",
                BO,
                "",
                "Dev",
                "Silva, Ana",
                "901",
                "0042",
                "2021-02-28",
                "0000-00-00",
                "Inactive",
            ],
        )
    )
    assert understood.recognised.layout == "bamboohr"
    assert cells(understood, "external_id", "display_name", "email", "manager_external_id", "active", "end_date") == [
        ("0042", "Ana Silva", ANA, "", "true", ""),
        ("0043", "Bo Lind", BO, "0042", "false", None),
    ]
    assert unread(understood)["homeEmail"] == "private"


def test_bamboohr_reports_have_the_labels_of_its_screens() -> None:
    understood = read(
        csv_file(
            ["Employee #", "Last Name, First Name", "Work Email", "Job Title", "Reporting to", "Hire Date"],
            ["7", "Silva, Ana", ANA, "CEO", "", "03/31/2020"],
            ["8", "Lind, Bo", BO, "Dev", "Silva, Ana", "04/01/2020"],
        )
    )
    assert understood.recognised.layout == "bamboohr"
    assert cells(understood, "external_id", "display_name", "manager_name", "start_date") == [
        ("7", "Ana Silva", "", "2020-03-31"),
        ("8", "Bo Lind", "Ana Silva", "2020-04-01"),
    ]


def test_personio_people_on_leave_or_onboarding_are_active() -> None:
    header = "id,first_name,last_name,preferred_name,email,status,position,supervisor,weekly_working_hours,hire_date"
    understood = read(
        csv_file(
            header.split(","),
            ["1", "Ana", "Silva", "", ANA, "leave", "CEO", "", "40", "2020-01-31"],
            ["2", "Bo", "Lind", "", BO, "onboarding", "Dev", "Ana Silva", "40", "2026-01-31"],
            ["3", "Cy", "Ito", "", "cy@example.org", "inactive", "Dev", "Ana Silva", "40", "2021-01-31"],
        )
    )
    assert understood.recognised.layout == "personio"
    assert [row["active"] for row in people(understood)] == ["true", "true", "false"]
    assert sources(understood)["manager_name"] == ("supervisor",)


def test_workday_names_workers_with_their_ids_in_brackets_and_says_which_job_is_primary() -> None:
    header = "Employee_ID,Worker,Email_-_Primary_Work,Business_Title,Manager,Is_Primary_Job,Hire_Date,Worker_Type"
    understood = read(
        csv_file(
            header.split(","),
            ["00017", "Ana Silva", ANA, "CEO", "", "1", "2020-01-31", "Employee"],
            ["00018", "Bo Lind", BO, "Coach", "", "0", "2021-01-31", "Employee"],
            ["00018", "Bo Lind", BO, "Recruiter", "Ana Silva (00017)", "1", "2021-01-31", "Employee"],
        )
    )
    assert understood.recognised.layout == "workday"
    assert cells(understood, "external_id", "title", "manager_external_id") == [
        ("00017", "CEO", ""),
        ("00018", "Recruiter; also: Coach", "00017"),
    ]
    assert [one.line for one in understood.skipped] == [3]


def test_hibob_reports_to_an_address() -> None:
    understood = read(
        csv_file(
            ["Employee ID", "Display name", "Email", "Reports to", "Site", "Lifecycle status", "Start date"],
            ["1", "Ana Silva", ANA, "", "Lisbon", "Employed", "2020-01-31"],
            ["2", "Bo Lind", BO, ANA, "Lund", "Garden leave", "2021-01-31"],
        )
    )
    assert understood.recognised.layout == "hibob"
    assert cells(understood, "manager_email", "active") == [("", "true"), (ANA, "true")]


def test_ukg_writes_status_as_letters() -> None:
    understood = read(
        csv_file(
            [
                "Employee Number",
                "First Name",
                "Last Name",
                "Email Address",
                "Supervisor Employee Number",
                "Employment Status",
            ],
            ["000001", "Ana", "Silva", ANA, "", "A"],
            ["000002", "Bo", "Lind", BO, "000001", "L"],
            ["000003", "Cy", "Ito", "cy@example.org", "000001", "T"],
        )
    )
    assert understood.recognised.layout == "ukg"
    assert cells(understood, "manager_external_id", "active") == [("", "true"), ("000001", "true"), ("000001", "false")]


def test_viva_goals_users_leave_on_their_deactivation_date() -> None:
    understood = read(
        csv_file(
            ["User Email", "User Name", "Teams", "Manager Email", "Is Org Admin", "Deactivation Date", "Floor"],
            [ANA, "Ana Silva", "Sales;Board", "", "Yes", "", "1"],
            [BO, "Bo Lind", "Sales", ANA, "No", "2026-03-31", "2"],
        )
    )
    assert understood.recognised.layout == "viva-goals"
    assert cells(understood, "display_name", "manager_email", "end_date") == [
        ("Ana Silva", "", ""),
        ("Bo Lind", ANA, "2026-03-31"),
    ]
    assert unread(understood)["Floor"] == "not recognised"


def test_betterworks_keeps_leading_zeros() -> None:
    understood = read(
        csv_file(
            ["employee_id", "email", "first_name", "last_name", "manager_id", "deactivation_date"],
            ["0042", ANA, "Ana", "Silva", "", ""],
            ["0043", BO, "Bo", "Lind", "0042", "2026-03-31"],
        )
    )
    assert understood.recognised.layout == "betterworks"
    assert cells(understood, "external_id", "manager_external_id") == [("0042", ""), ("0043", "0042")]


def test_groups_of_15five_become_teams_where_that_is_asked() -> None:
    data = csv_file(
        ["email", "first_name", "last_name", "active_group_names", "is_active"],
        [ANA, "Ana", "Silva", "Departments~HR, Locations~USA, Departments~Board", "y"],
        [BO, "Bo", "Lind", "Locations~USA", "n"],
    )
    assert "teams" not in people(read(data))[0]
    assert cells(read(data, "teams=active_group_names"), "teams", "active") == [("HR|Board", "true"), (None, "false")]


def test_a_preset_can_be_forced() -> None:
    data = csv_file(["Email", "Name", "Status"], [ANA, "Ana", "suspended"])
    assert read(data).recognised.layout == ""
    assert read(data, preset="lattice").recognised.layout == "lattice"


def test_a_preset_nobody_knows_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(Unreadable) as caught:
        read(csv_file(["email"], [ANA]), preset="letuce")
    wrong = caught.value.rejected[0].wrong
    assert wrong.reason == "There is no layout “letuce”."
    assert "lattice" in wrong.remedy


def test_our_own_layout_stays_strict() -> None:
    with pytest.raises(Unreadable) as caught:
        read(csv_file(["external_id", "email", "display_nam"], ["1", ANA, "Ana"]))
    assert [(one.column, one.wrong.remedy.split(".")[0]) for one in caught.value.rejected] == [
        ("display_nam", "Perhaps display_name is meant")
    ]


def test_our_own_layout_is_read_from_csv_json_and_workbooks_alike() -> None:
    header, row = ["external_id", "email", "display_name"], ["0042", ANA, "Ana"]
    expected = [{"external_id": "0042", "email": ANA, "display_name": "Ana"}]
    for data in (
        csv_file(header, row, separator=";", encoding="utf-16"),
        workbook({"People": [header, row]}),
        b'[{"external_id": "0042", "email": "ana@example.org", "display_name": "Ana"}]',
    ):
        understood = read(data)
        assert understood.recognised.layout == "cairn"
        assert people(understood) == expected
