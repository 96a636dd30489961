"""Imports of any reporting lines, compared with a small model that tries everything."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.people import Office

PEOPLE = [str(number) for number in range(6)]
LINES = st.dictionaries(st.sampled_from(PEOPLE), st.none() | st.sampled_from(PEOPLE), min_size=1)
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def file_of(lines: dict[str, str | None]) -> str:
    rows = [f"{one},p{one}@b.example,Person {one},{manager or ''}\n" for one, manager in lines.items()]
    return "external_id,email,display_name,manager_external_id\n" + "".join(rows)


def free_of_loops(lines: dict[str, str | None]) -> bool:
    def ends(node: str | None) -> bool:
        for _ in range(len(PEOPLE) + 1):
            node = lines.get(node) if node is not None else None
        return node is None

    return all(ends(node) for node in lines)


def managers(office: Office) -> dict[str, str | None]:
    people = {one["id"]: one for one in office.get("/persons", limit=200)["items"]}
    return {
        one["external_id"]: people[one["manager_id"]]["external_id"] if one["manager_id"] else None
        for one in people.values()
    }


@QUIET
@given(LINES, LINES)
def test_a_file_is_applied_exactly_if_the_lines_it_leaves_are_a_tree_of_known_people(
    office: Office, first: dict[str, str | None], second: dict[str, str | None]
) -> None:
    office.emptied()
    known: dict[str, str | None] = {}
    for lines in (first, second):
        after = {**known, **lines}
        fine = free_of_loops(after) and set(filter(None, lines.values())) <= set(after)
        answer = office.send(file_of(lines))
        assert (answer.status_code == 200) == fine, answer.text
        known = after if fine else known
        assert managers(office) == known


@QUIET
@given(LINES, LINES)
def test_a_partial_import_leaves_a_tree_and_applies_every_row_it_does_not_reject(
    office: Office, first: dict[str, str | None], second: dict[str, str | None]
) -> None:
    office.emptied()
    for lines in (first, second):
        before = managers(office)
        report = office.imported(file_of(lines), partial="true")
        rejected = {row["row"] for row in report["rejected"]}
        applied = {one: manager for row, (one, manager) in enumerate(lines.items(), 2) if row not in rejected}
        assert managers(office) == {**before, **applied}
        assert free_of_loops(managers(office))
        assert report["rejected_rows"] == len(rejected)
        told = len(office.said())
        office.send(file_of(applied))
        assert len(office.said()) == told
