"""Personal tokens over HTTP: made once, shown once, refused the moment they should be."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from chassis.problems import Invalid, NotFound
from contracts.people import PersonReactivated
from gateway.signin import tokens
from gateway.signin.models import Token
from tests.support.hosted import person
from tests.support.signin import ADMIN, ANA, BEN, Door, door, later


@pytest.fixture
def gateway(database_url: str) -> Iterator[Door]:
    with door(database_url) as running:
        running.tell(
            person("Ana", id=ANA, roles=["employee"]),
            person("Ben", id=BEN, roles=["employee"]),
            person("Admin", id=ADMIN, roles=["employee", "admin"]),
        )
        yield running


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    """A gateway for questions that change nothing and are the same on every database."""
    with door(f"sqlite:///{tmp_path_factory.mktemp('tokens') / 'gateway.db'}") as running:
        running.tell(person("Ana", id=ANA))
        yield running


def token_of(gateway: Door, name: str = "ana", scopes: tuple[str, ...] = ("*",), days: int = 90) -> str:
    return tokens.issue_for_email(gateway.runtime, f"{name}@example.org", scopes=scopes, days=days)


def status(gateway: Door, token: str) -> int:
    return gateway.client(token).get("/api/v1/tokens").status_code


def test_a_caller_without_a_token_is_asked_for_one(gateway: Door) -> None:
    answer = gateway.client().get("/api/v1/tokens")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.content_type == "application/problem+json"


def test_a_token_from_the_command_line_signs_its_person_in(gateway: Door) -> None:
    made = gateway.client(token_of(gateway, "ANA")).post("/api/v1/tokens", json={"name": "script"})
    assert made.status_code == 201
    assert made.json is not None
    assert made.json["owner"] == {"kind": "person", "id": ANA, "name": "Ana"}
    assert status(gateway, made.json["token"]) == 200


def test_nobody_unknown_gets_a_token_from_the_command_line(gateway: Door) -> None:
    with pytest.raises(NotFound, match="Check the spelling"):
        token_of(gateway, "zoe")
    with pytest.raises(Invalid):
        token_of(gateway, scopes=("goals:delete",))
    with pytest.raises(Invalid):
        token_of(gateway, days=367)


def test_the_text_of_a_token_is_kept_nowhere(gateway: Door) -> None:
    made = gateway.client(token_of(gateway)).post(
        "/api/v1/tokens", json={"name": "script"}, headers={"Idempotency-Key": "again"}
    )
    assert made.json is not None
    secret = made.json["token"].rpartition("_")[2]
    with gateway.runtime.db.reading() as session:
        rows = session.execute(select(Token.__table__)).all()
        replayable = session.execute(text("SELECT count(*) FROM idempotency")).scalar_one()
    assert secret not in repr(rows)
    assert replayable == 0


def test_a_token_ends_with_the_very_next_request_after_it_is_revoked(gateway: Door) -> None:
    session, script = token_of(gateway), token_of(gateway)
    listed = gateway.client(session).get("/api/v1/tokens").get_json()["items"]
    (script_id,) = [item["id"] for item in listed if script.startswith(item["hint"])]
    assert status(gateway, script) == 200
    assert gateway.client(session).delete(f"/api/v1/tokens/{script_id}").status_code == 204
    refused = gateway.client(script).get("/api/v1/tokens")
    assert refused.status_code == 401
    assert "revoked" in refused.get_json()["detail"]
    assert 'error="invalid_token"' in refused.headers["WWW-Authenticate"]


def test_a_token_ends_when_its_days_are_over(gateway: Door) -> None:
    token = token_of(gateway, days=1)
    later(gateway.clock, hours=23)
    assert status(gateway, token) == 200
    later(gateway.clock, hours=1)
    assert status(gateway, token) == 401


def test_a_token_dies_with_its_person_and_stays_dead_when_they_come_back(gateway: Door) -> None:
    token = token_of(gateway)
    later(gateway.clock, minutes=1)
    gateway.tell(person("Ana", id=ANA, version=2, active=False))
    assert status(gateway, token) == 401
    later(gateway.clock, minutes=1)
    back = person("Ana", id=ANA, version=3)
    gateway.tell(PersonReactivated(**{name: getattr(back, name) for name in back.__struct_fields__}))
    assert status(gateway, token) == 401
    assert status(gateway, token_of(gateway)) == 200


def test_news_of_an_earlier_leaving_that_arrives_late_ends_nothing_newer(gateway: Door) -> None:
    later(gateway.clock, hours=1)
    token = token_of(gateway)
    later(gateway.clock, hours=-1)
    gateway.tell(person("Ana", id=ANA, version=1, active=False))
    later(gateway.clock, hours=1)
    assert status(gateway, token) == 200


def test_one_sees_and_revokes_only_ones_own_tokens_unless_admin(gateway: Door) -> None:
    ana, ben, admin = (token_of(gateway, name) for name in ("ana", "ben", "admin"))
    mine = gateway.client(ana).get("/api/v1/tokens").get_json()["items"]
    all_of_them = gateway.client(admin).get("/api/v1/tokens").get_json()["items"]
    assert [item["owner"]["name"] for item in mine] == ["Ana"]
    assert {item["owner"]["name"] for item in all_of_them} == {"Ana", "Ben", "Admin"}
    assert gateway.client(ben).delete(f"/api/v1/tokens/{mine[0]['id']}").status_code == 404
    assert gateway.client(admin).delete(f"/api/v1/tokens/{mine[0]['id']}").status_code == 204
    assert status(gateway, ana) == 401


def test_a_token_hands_on_no_more_than_it_holds(gateway: Door) -> None:
    narrow = token_of(gateway, scopes=("gateway:write", "goals:write"))
    ask = gateway.client(narrow)
    wider = ask.post("/api/v1/tokens", json={"name": "wide", "scopes": ["people:read"]})
    assert wider.status_code == 422
    assert wider.get_json()["errors"][0]["pointer"] == "/scopes"
    assert ask.post("/api/v1/tokens", json={"name": "all"}).status_code == 422
    assert ask.post("/api/v1/tokens", json={"name": "same", "scopes": ["goals:read"]}).status_code == 201


def test_a_token_without_the_scope_is_denied_with_the_scope_it_needs(gateway: Door) -> None:
    reader = gateway.client(token_of(gateway, scopes=("gateway:read",)))
    assert reader.get("/api/v1/tokens").status_code == 200
    denied = reader.post("/api/v1/tokens", json={"name": "more", "scopes": ["gateway:read"]})
    assert denied.status_code == 403
    assert "gateway:write" in denied.get_json()["detail"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": ""},
        {"name": "x", "scopes": []},
        {"name": "x", "scopes": ["everything"]},
        {"name": "x", "days": 0},
        {"name": "x", "days": 367},
        {"name": "x", "days": "90"},
        {"name": "x", "person_id": BEN},
    ],
)
def test_a_wrong_request_for_a_token_is_told_where(standing: Door, body: dict[str, Any]) -> None:
    answer = standing.client(token_of(standing)).post("/api/v1/tokens", json=body)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]


@pytest.mark.parametrize("spoil", [lambda t: t[:-1], lambda t: t + "A", lambda t: t.replace("_pat_", "_sat_"),
                                   lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda _: "cairn_",
                                   lambda t: t[:26], lambda t: f"{t},Bearer {t}", lambda t: t + "é"])  # fmt: skip
def test_a_token_that_is_not_quite_right_is_refused(standing: Door, spoil: Any) -> None:
    token = token_of(standing)
    assert status(standing, token) == 200
    assert status(standing, spoil(token)) == 401


def test_its_last_use_is_noted_to_ten_minutes(gateway: Door) -> None:
    token = token_of(gateway)
    first = gateway.clock()
    for seconds in (0, 200, 200):
        later(gateway.clock, seconds=seconds)
        assert status(gateway, token) == 200
    assert last_used(gateway) == first
    later(gateway.clock, seconds=300)
    assert status(gateway, token) == 200
    assert last_used(gateway) == first + timedelta(seconds=700)


def last_used(gateway: Door) -> Any:
    with gateway.runtime.db.reading() as session:
        return session.scalars(select(Token.last_used_at)).one()


def test_a_person_has_a_bounded_number_of_tokens(gateway: Door) -> None:
    token = token_of(gateway)
    made = [gateway.client(token).post("/api/v1/tokens", json={"name": str(n)}) for n in range(tokens.MOST_TOKENS)]
    assert [answer.status_code for answer in made] == [201] * (tokens.MOST_TOKENS - 1) + [409]


def test_after_ten_wrong_tokens_in_a_row_their_source_is_told_to_wait(standing: Door) -> None:
    wrong = standing.client("cairn_pat_wrong", source="192.0.2.1")
    assert {wrong.get("/api/v1/tokens").status_code for _ in range(10)} == {401}
    waiting = wrong.get("/api/v1/tokens")
    assert (waiting.status_code, waiting.headers["Retry-After"]) == (429, "30")
    assert standing.client("cairn_pat_wrong", source="192.0.2.7").get("/api/v1/tokens").status_code == 401


def test_nobody_is_locked_out_by_others_wrong_tokens_from_the_same_address(standing: Door) -> None:
    wrong = standing.client("cairn_pat_wrong", source="192.0.2.2")
    assert [wrong.get("/api/v1/tokens").status_code for _ in range(11)][-1] == 429
    assert standing.client(token_of(standing), source="192.0.2.2").get("/api/v1/tokens").status_code == 200
    assert wrong.get("/api/v1/tokens").status_code == 401, "the row ended with the right one"


def test_asking_without_a_token_is_no_wrong_token(standing: Door) -> None:
    nobody = standing.client(source="192.0.2.3")
    assert {nobody.get("/api/v1/tokens").status_code for _ in range(20)} == {401}
