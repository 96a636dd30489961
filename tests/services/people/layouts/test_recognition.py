"""Which column is taken for what: by words, near words, content or the sender's word; and what is asked or told."""

import pytest

from services.people.layouts.headers import GROUPED, PRIVATELY, key, meant
from services.people.layouts.values import activity_words
from services.people.layouts.words import WORDS
from services.people.rules.table import Unreadable
from tests.support.hr_files import cells, csv_file, people, read, sources, unread
from tests.support.workbooks import workbook

PEOPLE = [
    (f"E{place:03}", f"{name} Sato", f"{name.lower()}@example.org")
    for place, name in enumerate(("Ai", "Bo", "Cy", "Di", "Ed", "Fay", "Gus", "Hal"), 1)
]


def refusal(data: bytes, columns: str = "", **asked: object) -> tuple[str, str]:
    """Why a file is refused, and the way out."""
    with pytest.raises(Unreadable) as caught:
        read(data, columns, **asked)
    wrong = caught.value.rejected[0].wrong
    return wrong.reason, wrong.remedy


@pytest.mark.parametrize(
    ("header", "meaning"),
    [
        ("FIRSTNAME", "given_name"), ("first_name", "given_name"), ("firstName", "given_name"),
        ("First Name*", "given_name"),
        ("E-Mail Address (required)", "email"), ("Employee #", "external_id"), ("Mitarbeiter-Nr.", "external_id"),
        ("Vorgesetzte/r", "manager"), ("N+1", "manager"), ("Employee E-mail", "email"), ("Worker's Job Title", None),
        ("Hire Date (MM/DD/YYYY)", "start_date"),
        ("Base Salary EUR", PRIVATELY), ("Mobile Phone", PRIVATELY),
        ("Emergency Contact Name", PRIVATELY), ("Personal Email", PRIVATELY),
        ("Department", GROUPED), ("Teams", GROUPED),
        ("Favourite colour", None), ("Przełożony", "manager"), ("Przelozony", "manager"), ("Jméno", "name"),
    ],
)  # fmt: skip
def test_headers_mean_what_people_mean_by_them(header: str, meaning: str | None) -> None:
    found = meant(header)
    assert (found.meaning if found else None) == meaning


def test_no_word_stands_for_two_things() -> None:
    from services.people.layouts.headers import words_of

    seen: dict[str, str] = {}
    for meaning in WORDS:
        for word in words_of(meaning):
            assert seen.setdefault(key(word), meaning) == meaning, word


def test_no_status_word_means_both() -> None:
    assert not {
        word for word, active in activity_words().items() if active and word in ("terminated", "no", "inactive")
    }


def test_a_misspelt_header_is_read_and_told() -> None:
    understood = read(
        csv_file(
            ["Emial Adress", "Full Name", "Job Titel", "Managr Email"],
            ["a@b.c", "A B", "Dev", ""],
            ["d@e.f", "D", "Dev", "a@b.c"],
        )
    )
    assert sources(understood)["email"] == ("Emial Adress",)
    assert sources(understood)["manager_email"] == ("Managr Email",)
    assert "  email          from Emial Adress (by a header much like it)" in understood.recognised.lines()


def test_a_file_whose_headers_say_nothing_is_recognised_by_what_stands_in_it() -> None:
    header = ["Feld 1", "Feld 2", "Feld 3", "Feld 4", "Feld 5"]
    rows = [
        [str(place), name, mail, number, "" if place == 1 else "E001"]
        for place, (number, name, mail) in enumerate(PEOPLE, 1)
    ]
    understood = read(csv_file(header, *rows))
    assert sources(understood) == {
        "email": ("Feld 3",),
        "external_id": ("Feld 4",),
        "display_name": ("Feld 2",),
        "manager_external_id": ("Feld 5",),
    }
    assert {one.how for one in understood.recognised.sources} == {"content"}


def test_of_two_columns_of_addresses_the_repeated_ones_are_those_of_managers() -> None:
    rows = [[PEOPLE[0][2] if place else "", name, mail] for place, (_, name, mail) in enumerate(PEOPLE)]
    understood = read(csv_file(["A", "B", "C"], *rows))
    assert (sources(understood)["email"], sources(understood)["manager_email"]) == (("C",), ("A",))


def test_a_buddy_is_not_taken_for_a_manager() -> None:
    ring = [
        [number, name, mail, PEOPLE[place - 1 if place % 2 else place - 2][0]]
        for place, (number, name, mail) in enumerate(PEOPLE)
    ]
    understood = read(csv_file(["Employee ID", "Name", "Email", "Buddy"], *ring))
    assert unread(understood) == {"Buddy": "not recognised"}
    assert "No column names managers: reporting lines stay as they are." in understood.recognised.remarks


def test_two_columns_that_could_both_be_the_address_are_asked_about() -> None:
    rows = [[name, mail, mail.replace("example", "other")] for _, name, mail in PEOPLE]
    reason, remedy = refusal(csv_file(["X", "Kontakt A", "Kontakt B"], *rows))
    assert reason == "Several columns could hold the e-mail address of a person: “Kontakt A”, “Kontakt B”."
    assert remedy.startswith("Say it: --map email=HEADER")
    assert sources(read(csv_file(["X", "Kontakt A", "Kontakt B"], *rows), "email=Kontakt B"))["email"] == ("Kontakt B",)


def test_two_columns_of_one_name_that_differ_are_asked_about() -> None:
    reason, _ = refusal(csv_file(["Email", "Email", "Name"], ["a@b.c", "d@e.f", "A"]))
    assert reason == "Two columns are called “Email” and differ; which one is the email?"


def test_the_work_address_is_preferred_and_the_other_is_told() -> None:
    understood = read(csv_file(["Email", "Work Email", "Name"], ["a@b.c", "d@e.f", "A"]))
    assert cells(understood, "email") == [("d@e.f",)]
    assert unread(understood)["Email"] == 'email is read from "Work Email"; --map email=HEADER takes another'


def test_an_empty_column_gives_way_to_one_that_holds_something() -> None:
    understood = read(csv_file(["Work Email", "Email", "Name"], ["", "a@b.c", "A"]))
    assert sources(understood)["email"] == ("Email",)


def test_of_several_ids_the_one_that_managers_point_to_is_taken() -> None:
    understood = read(
        csv_file(
            ["Employee ID", "Person Number", "Email", "Manager ID"], ["a", "7", "a@b.c", ""], ["b", "8", "d@e.f", "7"]
        )
    )
    assert sources(understood)["external_id"] == ("Person Number",)


def test_a_title_that_is_a_form_of_address_is_not_read() -> None:
    understood = read(csv_file(["Email", "Title", "Name"], ["a@b.c", "Mr", "A"], ["d@e.f", "Dr.", "D"]))
    assert "title" not in people(understood)[0]


def test_states_are_no_status() -> None:
    understood = read(csv_file(["Correo", "Nombre", "Estado"], ["a@b.c", "A", "Jalisco"], ["d@e.f", "D", "Sonora"]))
    assert unread(understood) == {"Estado": "what stands in it does not fit status"}


def test_a_file_without_anything_to_know_people_by_is_refused_with_its_headers() -> None:
    reason, remedy = refusal(csv_file(["Colour", "Shape"], ["red", "round"], ["blue", "flat"]))
    assert reason == "No column is recognised as id or e-mail address of a person, among “Colour”, “Shape”."
    assert "--map email=HEADER" in remedy


def test_a_file_without_header_is_refused() -> None:
    reason, _ = refusal(csv_file(["a@b.c", "Ana Silva"], ["d@e.f", "Bo Lind"]))
    assert reason == "There seems to be no header row."


def test_two_sheets_of_people_are_asked_about() -> None:
    rows = [["Email", "Name"], ["a@b.c", "A"]]
    data = workbook({"Active": rows, "Leavers": rows, "Notes": [["Read me"]]})
    assert refusal(data)[0] == "Several sheets could hold the people: “Active”, “Leavers”."
    assert read(data, sheet="leavers").recognised.sheet == "Leavers"
    assert refusal(data, sheet="Gone")[0] == "There is no sheet “Gone” with rows in it."


def test_a_map_goes_before_what_would_be_recognised_and_the_rest_is_still_recognised() -> None:
    data = csv_file(["ID", "Name", "Login", "Boss"], ["7", "A", "ana", ""], ["8", "B", "bo", "7"])
    understood = read(data, "email={Login}@example.org,locale==pt-PT")
    assert cells(understood, "external_id", "email", "locale", "manager_external_id") == [
        ("7", "ana@example.org", "pt-PT", ""),
        ("8", "bo@example.org", "pt-PT", "7"),
    ]


def test_keys_are_not_made_of_missing_parts_nor_managers_of_marks() -> None:
    data = csv_file(
        ["org", "ref", "above", "mail"], ["x", "1", "XX", "a@b.c"], ["x", "2", "1", "d@e.f"], ["x", "", "1", "g@h.i"]
    )
    understood = read(data, "external_id={org}/{ref},manager_external_id={org}/{above},email=mail")
    assert cells(understood, "external_id", "manager_external_id") == [("x/1", ""), ("x/2", "x/1"), ("", "x/1")]


def test_a_map_of_unknown_headers_and_columns_is_refused_with_what_may_be_meant() -> None:
    data = csv_file(["Work mail", "Name"], ["a@b.c", "A"])
    assert refusal(data, "email=Wrk mail")[0].endswith("no header “Wrk mail”.")
    assert refusal(data, "emial=Work mail")[0] == "There is no column “emial” to map to."


def test_columns_named_to_be_ignored_are_not_read() -> None:
    understood = read(csv_file(["Email", "Name", "Job Title"], ["a@b.c", "A", "Dev"]), ignore=frozenset({"job title"}))
    assert unread(understood) == {"Job Title": "as asked"}


def test_what_was_recognised_is_told_as_json_too() -> None:
    told = read(csv_file(["Email", "Full Name", "Phone"], ["a@b.c", "A", "1"])).recognised.as_dict()
    assert told["layout"] == "headers"
    assert told["columns"][0] == {"field": "email", "headers": ["Email"], "why": "header", "note": None}
    assert told["unread"] == ["Phone: private"]
