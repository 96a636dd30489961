"""`cairn token` issues what the gateway then believes, and refuses with a remedy; `cairn keygen` makes usable keys."""

import re
import shlex
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import Client, TestResponse

from chassis.access import Actor
from chassis.identity import Minter, Verifier
from chassis.ids import new_id
from chassis.settings import load
from chassis.tables import PEOPLE
from contracts.people import PersonRegistered
from gateway.signin.models import ServiceAccount, Token
from tests.support.command import Running, run
from tests.support.stack import until

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ana(running: Running) -> str:
    """The id of a person the gateway knows."""
    key = new_id()
    running.publish(PersonRegistered(id=key, version=1, email="Ana.Lima@example.org", display_name="Ana"))
    gateway = running.cairn.parts["gateway"].db

    def known() -> bool:
        with gateway.reading() as session:
            return session.execute(select(PEOPLE.c.id).where(PEOPLE.c.id == key)).first() is not None

    until(known, 20, "the gateway knows Ana")
    return key


def ask(running: Running, token: str, path: str, **request: object) -> TestResponse:
    headers = {"Authorization": f"Bearer {token.strip()}"}
    return Client(running.cairn.app).open(f"/api/v1/{path}", headers=headers, **request)  # type: ignore[arg-type]


def issued(running: Running, *arguments: str) -> str:
    ran = running.run("token", *arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def test_the_token_of_a_person_speaks_for_that_person(running: Running, ana: str) -> None:
    token = issued(running, "ana.lima@EXAMPLE.org")
    assert re.fullmatch(r"cairn_pat_\S+\n", token), "nothing but the token, so that a script can keep it"
    assert ask(running, token, "me").json["person"]["id"] == ana  # type: ignore[index]


def test_the_token_of_a_service_account_has_its_roles(running: Running) -> None:
    token = issued(running, "--service-account", "import", "--role", "hr", "--role", "admin")
    made = ask(running, token, "persons", method="POST", json={"email": "x@example.org", "display_name": "X"})
    assert made.status_code == 201, made.get_data(as_text=True)
    with running.cairn.parts["gateway"].db.reading() as session:
        account = session.scalars(select(ServiceAccount).where(ServiceAccount.name == "import")).one()
    assert sorted(account.roles) == ["admin", "hr"]


def test_scopes_limit_what_a_token_reaches(running: Running) -> None:
    token = issued(running, "--service-account", "reader", "--role", "admin", "--scope", "goals:read")
    assert ask(running, token, "objectives").status_code == 200
    assert ask(running, token, "persons").status_code == 403
    assert ask(running, token, "cycles", method="POST", json={"name": "Q"}).status_code == 403


def test_days_say_when_it_ends(running: Running, ana: str) -> None:
    issued(running, "ana.lima@example.org", "--days", "7")
    with running.cairn.parts["gateway"].db.reading() as session:
        newest = session.scalars(select(Token).where(Token.person_id == ana).order_by(Token.id.desc())).first()
    assert newest is not None
    assert abs(newest.expires_at - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["nobody@example.org"], 3, "Check the spelling"),
        (["ana.lima@example.org", "--scope", "goals:everything"], 3, "goals:read"),
        (["ana.lima@example.org", "--role", "admin"], 2, "--role is for service accounts"),
        (["ana.lima@example.org", "--days", "0"], 2, "1<=x<=366"),
        (["--service-account", "x", "--role", "king"], 2, "auditor"),
    ],
)
def test_what_cannot_be_issued_is_told_with_a_remedy(
    running: Running, ana: str, arguments: list[str], code: int, said: str
) -> None:
    ran = running.run("token", *arguments)
    assert (ran.exit_code, ran.stdout) == (code, "")
    assert said in ran.stderr


def test_the_printed_keys_are_settings_that_sign_and_verify() -> None:
    printed = dict(line.split("=", 1) for line in shlex.split(run({}, "keygen").stdout, posix=True))
    read = load(printed)
    actor = Actor("ana")
    token = Minter(read.internal_private_key or "").mint(actor, "goals")
    assert Verifier(read.internal_public_keys or "").verify(token, "goals").id == "ana"
    assert run({}, "keygen").stdout != run({}, "keygen").stdout
