"""A column map somebody wrote fills our columns from theirs, or says what it cannot find."""

import pytest

from chassis.files.columns import ColumnMap, Mismapped
from chassis.files.headers import normalised

HEADER = ["Org", "Ref", "Work E-Mail", "Employee", "Employee #"]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("E-Mail Address*", "e mail address"),
        ("eMailAddress", "e mail address"),
        ("Employee_ID", "employee id"),
        ("  Größe (cm) ", "grosse cm"),
        ("PRÉNOM", "prenom"),
        ("HRBusinessPartner", "hr business partner"),
        ("社員番号", "社員番号"),
        ("E\u2011mail\u00a0address", "e mail address"),
        ("***", ""),
    ],
)
def test_headers_are_compared_as_people_read_them(header: str, words: str) -> None:
    assert normalised(header) == words
    assert normalised(words) == words


@pytest.mark.parametrize(
    "text",
    [
        "external_id={Org}/{ref}, email = work e-mail,locale==pt-PT",
        '{"external_id": "{Org}/{ref}", "email": "WorkEMail", "locale": "=pt-PT"}',
    ],
)
def test_headers_templates_and_constants_fill_our_columns(text: str) -> None:
    row = ColumnMap.parse(text).apply(HEADER, ["a", "7", "x@y.org", "", ""])
    assert row == {"external_id": "a/7", "email": "x@y.org", "locale": "pt-PT"}


def test_a_template_with_nothing_to_fill_it_is_empty() -> None:
    assert ColumnMap.parse("external_id={Org}/{Ref}").apply(HEADER, ["", "", "", "", ""]) == {"external_id": ""}
    assert ColumnMap.parse("external_id={Org}/{Ref}").apply(HEADER, ["a"]) == {"external_id": "a/"}


def test_a_template_may_take_the_beginning_of_a_cell() -> None:
    cut = ColumnMap.parse("email={Ref}.{Org:3}@example.org,title={a:b:2}")
    assert cut.apply([*HEADER, "a:b"], ["Operations", "7", "", "", "", "xyz"]) == {
        "email": "7.Ope@example.org",
        "title": "xy",
    }


def test_a_header_may_hold_commas() -> None:
    assert ColumnMap.parse("name=Name, first,email=Mail").sources == {"name": "Name, first", "email": "Mail"}


def test_word_for_word_goes_before_alike() -> None:
    assert ColumnMap.parse("name=Employee,external_id=Employee #").headers(HEADER) == {
        "name": (3,),
        "external_id": (4,),
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("email=Work Male", "no header “Work Male”. Perhaps Work E-Mail is meant"),
        ("email=Zzz", "no header “Zzz”. The file has Org, Ref"),
        ("email=employee", "more than once. Name one of them word for word: Employee, Employee #"),
        ("email={Org}{Nope}", "no header “Nope”"),
    ],
)
def test_what_the_file_does_not_have_is_told_with_what_is_near(text: str, told: str) -> None:
    with pytest.raises(Mismapped) as refused:
        ColumnMap.parse(text).headers(HEADER)
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "email", "=x", "email=", "a=b,a=c", '{"a": 1}', '{"a"', '{"a":"b","a":"c"}', '{"a":""}']
)
def test_what_maps_nothing_is_refused(text: str) -> None:
    with pytest.raises(Mismapped):
        ColumnMap.parse(text)
