"""What a leaver owned can be given to somebody else by those above the leaver, and by nobody else."""

from chassis.ids import new_id
from contracts.people import TeamCreated
from tests.support.goals import ANA, BEN, MIRA, ZOE, Goals
from tests.support.hosted import person


def may_give(goals: Goals, who: str, path: str) -> bool:
    """Whether this person may give it to Ben, by trying."""
    answer = Goals(goals.running, who).try_patch(path, owner_id=BEN)
    assert answer.status_code in (200, 403), answer.get_data(as_text=True)
    return answer.status_code == 200


def test_those_above_a_leaver_may_give_away_what_the_leaver_had(quick: Goals) -> None:
    cycle, team = quick.cycle(), TeamCreated(id=new_id(), version=1, name="Others", lead_id=ZOE)
    quick.running.tell(team)
    aim = quick.objective(cycle, owner_id=ANA)
    of_zoe, of_team = quick.objective(cycle, owner_id=ZOE), quick.objective(cycle, owner_kind="team", owner_id=team.id)
    measures = [quick.key_result(objective, owner_id=ANA) for objective in (of_zoe, of_team)]

    quick.running.tell(person("Ana", id=ANA, version=2, manager_id=MIRA, active=False))

    for path in (f"/objectives/{aim['id']}", *(f"/key-results/{measure['id']}" for measure in measures)):
        assert not may_give(quick, BEN, path)
        assert may_give(quick, MIRA, path)
        assert quick.get(path)["owner_id"] == BEN
    assert not may_give(quick, MIRA, f"/objectives/{of_zoe['id']}")
