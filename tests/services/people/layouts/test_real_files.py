"""The files of real systems and organisations, read where they lie, and what must come out of each."""

import time
from pathlib import Path

import pytest

from tests.support.hr_files import FILES, cells, csv_file, people, read, reporting_lines, sources, unread
from tests.support.real_files import data_root, rows_of

WITH_MANAGERS = ("successfactors", "culture-amp", "lattice", "15five")
GOV = "external_id={organisation_key}/{post_ref},manager_external_id={organisation_key}/{reports_to_post_ref},"
GOV += "email={organisation_key}.{post_ref}@gov.example.org,display_name=job_title"


def real(path: str) -> bytes:
    return (data_root() / path).read_bytes()


@pytest.mark.parametrize("system", FILES)
def test_every_known_system_is_recognised_and_read_without_a_rejected_row(system: str) -> None:
    understood = read(real(f"hris_layouts/{FILES[system]}"))
    assert understood.recognised.layout == system
    assert understood.table.rejected == []
    assert understood.skipped == []
    assert {row["email"] for row in people(understood) if row.get("active") != "false"} == {
        row["email"] for row in rows_of("sourcegraph_org/people_2022-05.csv")
    }


@pytest.mark.parametrize("system", WITH_MANAGERS)
def test_the_layouts_with_managers_give_the_same_265_reporting_lines_under_one_root(system: str) -> None:
    rows = people(read(real(f"hris_layouts/{FILES[system]}")))
    expected = reporting_lines(people(read(real("sourcegraph_org/people_2022-05.csv"))))
    found = reporting_lines(rows)
    assert len(found) == 265
    assert found == expected
    assert [row["email"] for row in rows if row["email"] not in found and row.get("active") != "false"] == [
        "glen.charles@sg-sample.example.com"
    ]


@pytest.mark.parametrize("system", FILES)
def test_people_are_called_the_same_in_every_layout(system: str) -> None:
    rows = cells(read(real(f"hris_layouts/{FILES[system]}")), "email", "display_name", "active")
    expected = {row["email"]: row["display_name"] for row in rows_of("sourcegraph_org/people_2022-05.csv")}
    assert {email: name for email, name, active in rows if active != "false"} == expected


def test_the_46_terminated_of_lattice_are_not_active_and_keep_what_their_row_leaves_open() -> None:
    rows = people(read(real("hris_layouts/lattice_people_sftp.csv")))
    gone = [row for row in rows if row["active"] == "false"]
    assert len(gone) == 46
    assert all("manager_email" not in row and "title" not in row for row in gone)


@pytest.mark.parametrize("system", ["successfactors", "15five", "culture-amp", "peopleforce"])
def test_dates_mean_the_same_day_in_whatever_order_a_system_writes_them(system: str) -> None:
    dates = dict(cells(read(real(f"hris_layouts/{FILES[system]}")), "email", "start_date"))
    lattice = dict(cells(read(real("hris_layouts/lattice_people_sftp.csv")), "email", "start_date"))
    assert dates == {email: lattice[email] for email in dates}
    assert sum(bool(day) for day in dates.values()) == 99


def test_private_columns_are_never_read() -> None:
    why = unread(read(real("hris_layouts/orangehrm_importData.csv")))
    assert why["date_of_birth"] in ("private", "empty")
    assert why["country"] == "Cairn has no field for it"


def test_second_posts_of_an_organisation_fold_into_the_first() -> None:
    understood = read(real("sourcegraph_org/people_2022-05.csv"))
    assert len(understood.table.rows) == 266
    assert [one.reason for one in understood.skipped] == [
        "A further post of the person in line 15.",
        "A further post of the person in line 97.",
    ]
    titles = dict(cells(understood, "external_id", "title"))
    assert titles["SG0110"] == "Head of Sales Development; also: Director, Demand Generation"


QUARTERS = (
    "2022-02",
    "2022-05",
    "2022-08",
    "2022-11",
    "2023-02",
    "2023-05",
    "2023-08",
    "2023-11",
    "2024-02",
    "2024-05",
)


@pytest.mark.parametrize("quarter", QUARTERS)
def test_every_snapshot_of_an_organisation_names_each_person_once(quarter: str) -> None:
    rows = [row for row in rows_of("sourcegraph_org/snapshots.csv") if row["snapshot"] == quarter]
    understood = read(csv_file(list(rows[0]), *(list(row.values()) for row in rows)))
    ids = [row["external_id"] for row in people(understood)]
    assert len(ids) == len(set(ids)) == len({row["person_id"] for row in rows})
    assert len(ids) + len(understood.skipped) == len(rows)
    assert not any(row["manager_external_id"] == row["external_id"] for row in people(understood))


def test_an_unlisted_layout_is_recognised_and_its_vacancies_are_skipped() -> None:
    understood = read(real("gitlab_org/people.csv"))
    assert (len(understood.table.rows), len(understood.skipped), understood.table.rejected) == (1311, 57, [])
    assert {one.reason for one in understood.skipped} == {"A vacancy: nobody holds this post."}
    assert sources(understood)["manager_external_id"] == ("manager_id",)
    managers = {row["employee_id"]: row["manager_id"] for row in rows_of("gitlab_org/people.csv")}
    assert dict(cells(understood, "external_id", "manager_external_id")) == {
        person: managers[person] for person, _ in cells(understood, "external_id", "email")
    }


def test_a_column_map_composes_ids_and_leaves_double_keys_to_be_judged() -> None:
    understood = read(real("uk_gov_organograms/senior_posts_2011-03-31.csv"), GOV)
    posts = rows_of("uk_gov_organograms/senior_posts_2011-03-31.csv")
    assert (len(understood.table.rows), understood.skipped, understood.table.rejected) == (len(posts), [], [])
    tops = [row for row in people(understood) if not row["manager_external_id"]]
    assert len(tops) == sum(post["reports_to_post_ref"] == "XX" for post in posts)
    ids = [row["external_id"] for row in people(understood)]
    assert len(ids) - len(set(ids)) == 33


@pytest.mark.slow
def test_98_thousand_people_are_read_in_seconds() -> None:
    parts = sorted(Path(data_root(), "uk_gov_organograms").glob("expanded_dwp_98k_part*.csv"))
    first, *rest = (part.read_bytes() for part in parts)
    data = first + b"".join(part.partition(b"\n")[2] for part in rest)
    begun = time.process_time()
    understood = read(data, "email={person_id}@dwp.example.com")
    spent = time.process_time() - begun
    assert len(understood.table.rows) == 98_009
    assert sum(not row["manager_external_id"] for row in people(understood)) == 1
    assert spent < 5
