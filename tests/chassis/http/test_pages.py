"""Pages: together they are the list, whatever is inserted meanwhile, and their cursors cannot be made up."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from chassis.http import PageArgs, page_args, paged
from chassis.ids import new_id
from chassis.problems import Malformed
from tests.chassis.http.demo import Cycle, Demo, demo


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(f"sqlite:///{tmp_path_factory.mktemp('pages') / 'demo.db'}") as running:
        yield running


def put(running: Demo, *names: str) -> None:
    with running.db.writing() as session:
        session.add_all(Cycle(id=new_id(), name=name) for name in names)


def empty(running: Demo) -> None:
    with running.db.writing() as session:
        session.query(Cycle).delete()


def names_of(running: Demo, limit: int, *, by: list[object], between: list[list[str]] | None = None) -> list[str]:
    """All pages one after the other, with names put in between them."""
    found: list[str] = []
    cursor = None
    waiting = list(between or [])
    while True:
        with running.db.reading() as session:
            page = paged(session, select(Cycle), by, limit, cursor)
        assert len(page["items"]) <= limit
        found += [cycle.name for cycle in page["items"]]
        cursor = page["next"]
        if cursor is None:
            return found
        put(running, *(waiting.pop() if waiting else []))


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 12), st.integers(1, 5), st.lists(st.integers(0, 3), max_size=4), st.booleans())
def test_the_pages_together_are_the_list_while_others_insert(
    shelf: Demo, count: int, limit: int, inserts: list[int], descending: bool
) -> None:
    empty(shelf)
    there = [f"old {number}" for number in range(count)]
    put(shelf, *there)
    between = [[f"new {turn} {number}" for number in range(many)] for turn, many in enumerate(inserts)]
    found = names_of(shelf, limit, by=[Cycle.name.desc() if descending else Cycle.name, Cycle.id], between=between)
    assert len(found) == len(set(found))
    assert set(there) <= set(found)


def test_pages_may_go_down_by_one_key_and_up_by_another(both: Demo) -> None:
    with both.db.writing() as session:
        session.add_all(
            Cycle(id=new_id(), name=f"{weight}{name}", weight=weight) for weight in (1, 2, 3) for name in "ab"
        )
    found = names_of(both, 2, by=[Cycle.weight.desc(), Cycle.name])
    assert found == ["3a", "3b", "2a", "2b", "1a", "1b"]


def test_several_columns_come_as_rows(shop: Demo) -> None:
    put(shop, "a", "b")
    with shop.db.reading() as session:
        page = paged(session, select(Cycle.name, Cycle.weight), [Cycle.name], 1)
    assert [tuple(row) for row in page["items"]] == [("a", 1.0)]


def test_the_next_page_is_linked_with_all_filters(shop: Demo) -> None:
    put(shop, "a", "b", "c")
    client = shop.client()
    newest_first = sorted((item["id"] for item in client.get("/api/v1/cycles").json["items"]), reverse=True)
    first = client.get("/api/v1/cycles?limit=2&newest_first=true")
    assert [item["id"] for item in first.json["items"]] == newest_first[:2]
    link = first.headers["Link"]
    assert link.endswith('; rel="next"')
    second = client.get(link[1 : link.index(">")])
    assert [item["id"] for item in second.json["items"]] == newest_first[2:]
    assert second.json["next"] is None
    assert "Link" not in second.headers


def test_a_cursor_that_was_touched_is_refused(shop: Demo) -> None:
    put(shop, "a", "b", "c")
    client = shop.client()
    cursor = client.get("/api/v1/cycles?limit=1").json["next"]
    forged = [cursor[:-1], cursor[1:], cursor + "A", cursor.swapcase(), "A" * len(cursor), "", "%", "ä"]
    statuses = {client.get("/api/v1/cycles", query_string={"cursor": one}).status_code for one in forged}
    assert statuses <= {400, 422}
    assert client.get("/api/v1/cycles", query_string={"cursor": cursor}).status_code == 200


def test_a_cursor_of_another_list_or_deployment_is_refused(shop: Demo) -> None:
    put(shop, "a", "b")
    with shop.db.reading() as session, shop.app.app_context():
        by_name = paged(session, select(Cycle), [Cycle.name], 1)["next"]
        with pytest.raises(Malformed):
            paged(session, select(Cycle), [Cycle.id], 1, by_name)
    with shop.db.reading() as session, pytest.raises(Malformed):
        paged(session, select(Cycle), [Cycle.name], 1, by_name)


def test_the_page_is_taken_out_of_the_filters() -> None:
    filters = {**PageArgs().load({}), "name": "x"}
    page = page_args(filters)
    assert (page.limit, page.cursor, filters) == (50, None, {"name": "x"})
