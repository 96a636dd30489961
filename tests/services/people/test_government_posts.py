"""The senior posts of a government, with the defects of the original: found all, and none beside them."""

from collections import Counter
from collections.abc import Iterator

import pytest

from services.people.commands import apply_people
from services.people.commands.filing import Options, Outcome, Report
from services.people.rules.table import Row, Table
from tests.support.people import ADMIN, Office
from tests.support.real_files import rows_of

Key = tuple[str, str]


@pytest.fixture(scope="module")
def posts() -> dict[int, dict[str, str]]:
    """The rows by line."""
    return dict(enumerate(rows_of("uk_gov_organograms/senior_posts_2011-03-31.csv"), start=2))


def key(post: dict[str, str]) -> Key:
    return post["organisation_key"], post["post_ref"]


def upper(post: dict[str, str]) -> Key | None:
    """The post above; XX is the top."""
    return None if post["reports_to_post_ref"] == "XX" else (post["organisation_key"], post["reports_to_post_ref"])


def table(posts: dict[int, dict[str, str]]) -> Table:
    """Each post as if it were a person; posts whose holder is not disclosed are called by their title."""
    rows = []
    for line, post in posts.items():
        above = upper(post)
        cells = {
            "external_id": "/".join(key(post)),
            "email": f"{line}@posts.example.com",
            "display_name": post["person_name_pseudonym"] or post["job_title"] or "Post",
            "manager_external_id": "/".join(above) if above else "",
        }
        rows.append(Row(line, cells))
    return Table(rows)


def ways_up(posts: dict[int, dict[str, str]]) -> Iterator[tuple[Key, list[Key]]]:
    """Every post with all posts above it, up to the top, a dangling reference, or the first post that repeats."""
    above = {key(post): upper(post) for post in posts.values()}
    for start in above:
        way: list[Key] = []
        here = above[start]
        while here in above and here not in way:
            way.append(here)
            here = above[here]
        yield start, [*way, here] if here in above else way


@pytest.fixture(scope="module")
def report(premises: Office, posts: dict[int, dict[str, str]]) -> Report:
    with premises.emptied().unit(ADMIN) as unit:
        return apply_people(unit, table(posts), Options(partial=True))


def lines(report: Report, reason: str) -> set[int]:
    return {one.row for one in report.rejected if reason in one.wrong.reason}


def test_posts_on_and_below_a_loop_are_found_and_told_apart(report: Report, posts: dict[int, dict[str, str]]) -> None:
    looping = {start for start, way in ways_up(posts) if len(set(way)) < len(way) or start in way}
    on = {start for start, way in ways_up(posts) if start in way}
    told_on, told_below = lines(report, "their own manager"), lines(report, "below a loop")
    assert (len(looping), len(told_on), len(told_below)) == (26, 2, 24)
    assert {key(posts[line]) for line in told_on} == on
    assert {key(posts[line]) for line in told_on | told_below} == looping


def test_double_keys_and_the_dangling_manager_are_found(report: Report, posts: dict[int, dict[str, str]]) -> None:
    double = {one for one, count in Counter(map(key, posts.values())).items() if count > 1}
    told = lines(report, "mean the same person")
    assert (len(double), len(told)) == (33, 66)
    assert {key(posts[line]) for line in told} == double
    known = set(map(key, posts.values()))
    dangling = {line for line, post in posts.items() if upper(post) not in known | {None}}
    assert lines(report, "Nobody is known by this") == dangling
    assert len(dangling) == 1


def test_everything_else_is_taken_but_for_posts_below_a_rejected_one(
    premises: Office, report: Report, posts: dict[int, dict[str, str]]
) -> None:
    waiting = lines(report, "This row needs line")
    double = lines(report, "mean the same person")
    assert {upper(posts[line]) for line in waiting} <= {key(posts[line]) for line in double | waiting}
    assert (len(waiting), report.rejected_rows, report.created) == (4, 26 + 66 + 1 + 4, 5007 - 97)
    assert len(premises.said()) == report.created


def test_there_is_one_result_for_every_row(report: Report, posts: dict[int, dict[str, str]]) -> None:
    assert [one.row for one in report.results] == list(posts)
    assert all(bool(one.wrong) == (one.what == "rejected") for one in report.results)
    assert Counter(map(what, report.results)) == {"created": report.created, "rejected": report.rejected_rows}


def what(outcome: Outcome) -> str:
    return outcome.what
