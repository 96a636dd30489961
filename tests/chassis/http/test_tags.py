"""ETags: nobody overwrites what they have not seen, and nobody is disturbed by what they did not touch."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from chassis.http.tags import Expected, expectation, tag_of, unchanged
from chassis.problems import Malformed, PreconditionMissing, Stale
from tests.chassis.http.demo import Demo


@dataclass
class Plain:
    version: int


@dataclass
class Edited:
    version: int
    edition: int


def test_a_tag_names_edition_and_version() -> None:
    assert tag_of(Plain(7)) == '"7"'
    assert tag_of(Edited(7, 3)) == '"3.7"'


@pytest.mark.parametrize("header", ['"3.7"', '"3.5"', '"9.9", "3.1"', "*"])
def test_an_edit_passes_while_the_edition_is_the_same(header: str) -> None:
    assert expectation(header, True).require(Edited(7, 3)) is None


@pytest.mark.parametrize("header", ['"2.7"', '"3"', 'W/"3.7"', '""', '"7.3"'])
def test_an_edit_of_something_else_is_stale(header: str) -> None:
    with pytest.raises(Stale, match=r'"3\.7" now'):
        expectation(header, True).require(Edited(7, 3))


def test_without_editions_versions_count() -> None:
    expectation('"7"', True).require(Plain(7))
    for header in ('"6"', '"7.1"'):
        with pytest.raises(Stale):
            expectation(header, True).require(Plain(7))


def test_a_change_must_say_what_it_changes() -> None:
    with pytest.raises(PreconditionMissing):
        expectation(None, True)
    assert expectation(None, False) == Expected()


@pytest.mark.parametrize("header", ["", "3.7", '"3.7', '"a" "b"', '"a",', "*,*", '"' + "x" * 3000 + '"'])
def test_a_malformed_tag_is_told_so(header: str) -> None:
    with pytest.raises(Malformed):
        expectation(header, True)


def test_a_copy_is_current_only_if_the_whole_tag_is() -> None:
    assert unchanged('"3.7"', '"3.7"')
    assert unchanged('W/"3.7", "x"', '"3.7"')
    assert unchanged("*", '"3.7"')
    assert not unchanged('"3.6"', '"3.7"')
    assert not unchanged(None, '"3.7"')


def test_a_reader_with_a_current_copy_gets_304_and_no_body(shop: Demo) -> None:
    made = shop.create("Q1")
    client = shop.client()
    answer = client.get(made.headers["Location"], headers={"If-None-Match": made.headers["ETag"]})
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == made.headers["ETag"]
    assert client.get(made.headers["Location"], headers={"If-None-Match": '"1.1"'}).status_code == 200


def test_the_tag_of_a_write_is_the_one_after_settling(both: Demo) -> None:
    made = both.create("Q1")
    assert made.json["settled"] == 42
    assert made.headers["ETag"] == both.client().get(made.headers["Location"]).headers["ETag"]


def test_a_head_request_has_the_tag_too(shop: Demo) -> None:
    made = shop.create("Q1")
    answer = shop.client().head(made.headers["Location"])
    assert (answer.status_code, answer.headers["ETag"], answer.data) == (200, made.headers["ETag"], b"")


def test_of_many_edits_of_one_version_one_wins(both: Demo) -> None:
    made = both.create("Q1")
    start = threading.Barrier(6)
    clients = [both.client() for _ in range(6)]

    def edit(number: int) -> int:
        start.wait(timeout=10)
        headers = {"If-Match": made.headers["ETag"]}
        return (
            clients[number].patch(made.headers["Location"], json={"name": f"Q1 {number}"}, headers=headers).status_code
        )

    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(pool.map(edit, range(6)))
    assert statuses == [200, 412, 412, 412, 412, 412]


def test_every_edit_that_reads_again_gets_through_once(both: Demo) -> None:
    path = both.create("0").headers["Location"]
    writers, each = 3, 5

    def edit(writer: int) -> None:
        client = both.client()
        done = 0
        while done < each:
            now = client.get(path)
            sent = {"name": f"{now.json['name']}."}
            answer = client.patch(path, json=sent, headers={"If-Match": now.headers["ETag"]})
            assert answer.status_code in (200, 412)
            done += answer.status_code == 200

    with ThreadPoolExecutor(writers) as pool:
        list(pool.map(edit, range(writers)))
    assert both.client().get(path).json["name"] == "0" + "." * (writers * each)
