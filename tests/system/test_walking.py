"""One check-in through everything, as a user would see it, embedded and distributed."""

import pytest

from tests.support.stack import Stack

pytestmark = pytest.mark.slow


def test_a_check_in_moves_every_objective_above_it(stack: Stack) -> None:
    with stack.client(stack.admin()) as client:
        tokens: dict[str, str] = {}

        def post(path: str, **body: object) -> dict[str, object]:
            seen = {"Cairn-Consistency": ";".join(tokens.values())} if tokens else {}
            answer = client.post(f"/api/v1/{path}", json=body, headers=seen)
            assert answer.status_code < 300, answer.text
            tokens[answer.headers["Cairn-Consistency"].partition(":")[0]] = answer.headers["Cairn-Consistency"]
            return dict(answer.json())

        boss = post("persons", email="boss@walk.example", display_name="Bo Boss")["id"]
        worker = post("persons", email="worker@walk.example", display_name="Wo Worker", manager_id=boss)["id"]
        cycle = post("cycles", name="Walk", starts_on="2026-01-01", ends_on="2026-12-31")["id"]
        top = post("objectives", title="Top", cycle_id=cycle, owner_id=boss)["id"]
        key_result = {"title": "Steps", "metric": "increase", "start": "0", "target": "10"}
        parents = [{"parent_kind": "objective", "parent_id": top}]
        low = post(
            "objectives", title="Low", cycle_id=cycle, owner_id=worker, parents=parents, key_results=[key_result]
        )
        steps = low["key_results"][0]["id"]  # type: ignore[index]
        post(f"key-results/{steps}/check-ins", value="4", author_id=worker, confidence=0.7)
        stack.settle()
        for objective in (top, low["id"]):
            assert client.get(f"/api/v1/objectives/{objective}").json()["progress"] == 0.4
        tree = client.get(f"/api/v1/cycles/{cycle}/alignment").json()
        assert tree["objectives"][0]["progress"] == 0.4, tree
