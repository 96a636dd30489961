"""Two changes at once, each right by itself: together they must not close a loop, nor let anything slip through."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.support.people import Office


def at_once(*tasks: Callable[[], int]) -> list[int]:
    """Run these at the same moment; their answers in order."""
    barrier = threading.Barrier(len(tasks))

    def started(task: Callable[[], int]) -> int:
        barrier.wait(timeout=10)
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(started, tasks))


def test_of_two_people_made_each_others_manager_at_once_one_loses(office: Office) -> None:
    for round_ in range(10):
        ana, ben = office.person(f"Ana {round_}"), office.person(f"Ben {round_}")

        def manage(one: str, manager: str) -> Callable[[], int]:
            return lambda: office.change(f"/persons/{one}", {"manager_id": manager}).status_code

        assert sorted(at_once(manage(ana["id"], ben["id"]), manage(ben["id"], ana["id"]))) == [200, 422]


def test_a_ring_of_people_never_closes_whatever_the_order(office: Office) -> None:
    ids = [office.person(f"Person {place}")["id"] for place in range(6)]

    def manage(place: int) -> Callable[[], int]:
        change = {"manager_id": ids[(place + 1) % 6]}
        return lambda: office.change(f"/persons/{ids[place]}", change).status_code

    answers = at_once(*(manage(place) for place in range(6)))
    assert sorted(answers) == [200] * 5 + [422]


def test_of_two_people_registered_with_one_address_at_once_one_loses(office: Office) -> None:
    def register(email: str) -> Callable[[], int]:
        return lambda: office.post("/persons", {"email": email, "display_name": "A"}).status_code

    assert sorted(at_once(register("a@b.example"), register("A@B.example"))) == [201, 409]


def test_of_two_teams_moved_below_each_other_at_once_one_loses(office: Office) -> None:
    for round_ in range(5):
        one, other = office.team(f"One {round_}"), office.team(f"Other {round_}")

        def move(team: str, parent: str) -> Callable[[], int]:
            return lambda: office.change(f"/teams/{team}", {"parent_id": parent}).status_code

        assert sorted(at_once(move(one["id"], other["id"]), move(other["id"], one["id"]))) == [200, 422]


def test_of_ten_changes_of_one_version_exactly_one_is_made(office: Office) -> None:
    made = office.person()

    def change(title: str) -> Callable[[], int]:
        return lambda: office.change(f"/persons/{made['id']}", {"title": title}, match='"1"').status_code

    answers = at_once(*(change(f"Title {place}") for place in range(10)))
    assert sorted(answers) == [200] + [412] * 9
    assert office.get(f"/persons/{made['id']}")["version"] == 2


def test_the_same_file_sent_twice_at_once_registers_everyone_once(office: Office) -> None:
    file = "external_id,email,display_name,manager_external_id\n2,b@b.example,B,1\n1,a@b.example,A,\n"
    answers = at_once(*([lambda: office.send(file).status_code] * 2))
    assert answers == [200, 200]
    assert len(office.said()) == 2
