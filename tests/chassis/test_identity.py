"""Internal tokens: one good one is believed, a corpus of bad ones is not, each for its own reason."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from chassis.access import Actor
from chassis.identity import REMEMBERED, TYPE, Minter, Verifier, generate_keys
from chassis.problems import Unauthenticated

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AT = int(NOW.timestamp())
PRIVATE, PUBLIC = generate_keys()
KEY = OKPKey.import_key(json.loads(PRIVATE))
ANA = Actor(
    "0190b6a4-9d5c-7c3e-8a55-0d4c2b7f1e60", roles=frozenset({"employee", "hr"}), scopes=frozenset({"goals:read"})
)
HEADER = {"alg": "Ed25519", "typ": TYPE, "kid": KEY.kid}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token; a change to None leaves the claim out."""
    good = {
        "iss": "cairn-gateway",
        "aud": "goals",
        "sub": ANA.id,
        "kind": "person",
        "roles": ["employee"],
        "scopes": ["*"],
        "iat": AT,
        "exp": AT + 60,
        "jti": "1",
    }
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(body: dict[str, Any], header: dict[str, Any] | None = None, key: Any = KEY) -> str:
    chosen = {**HEADER, **(header or {})}
    algorithm = str(chosen["alg"])
    return jwt.encode(chosen, body, key, algorithms=[algorithm], default_type=None)


def raw(header: dict[str, Any], body: bytes, signature: bytes = b"") -> str:
    """A token put together by hand."""
    parts = (json.dumps(header).encode(), body, signature)
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def hand_signed(header: dict[str, Any], body: bytes) -> str:
    """A token with a true signature around whatever stands in it."""
    signing_input = raw(header, body).rpartition(".")[0]
    signature = KEY.private_key.sign(signing_input.encode())  # type: ignore[union-attr, call-arg]
    return raw(header, body, signature)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def verifier(clock: Clock) -> Verifier:
    return Verifier(PUBLIC, clock)


def test_a_minted_token_speaks_for_its_actor(verifier: Verifier, clock: Clock) -> None:
    assert verifier.verify(Minter(PRIVATE).mint(ANA, "goals", clock), "goals") == ANA


def test_a_token_is_for_one_service(verifier: Verifier, clock: Clock) -> None:
    token = Minter(PRIVATE).mint(ANA, "goals", clock)
    verifier.verify(token, "goals")
    with pytest.raises(Unauthenticated, match="another service"):
        verifier.verify(token, "feedback")


def test_a_token_lives_a_minute_also_when_it_is_remembered(verifier: Verifier, clock: Clock) -> None:
    token = Minter(PRIVATE).mint(ANA, "goals", clock)
    clock.now = NOW + timedelta(seconds=59)
    assert verifier.verify(token, "goals") == ANA
    clock.now = NOW + timedelta(seconds=61)
    for known in (verifier, Verifier(PUBLIC, clock)):
        with pytest.raises(Unauthenticated, match="expired"):
            known.verify(token, "goals")


def test_the_gateway_may_be_a_few_seconds_ahead(verifier: Verifier) -> None:
    assert verifier.verify(signed(claims(iat=AT + 4, exp=AT + 64)), "goals").id == ANA.id


def test_a_new_key_is_trusted_beside_the_old_one(clock: Clock) -> None:
    other_private, other_public = generate_keys()
    both = json.dumps({"keys": json.loads(PUBLIC)["keys"] + json.loads(other_public)["keys"]})
    verifier = Verifier(both, clock)
    for private in (PRIVATE, other_private):
        assert verifier.verify(Minter(private).mint(ANA, "goals", clock), "goals") == ANA


def test_the_memory_of_verified_tokens_is_bounded(verifier: Verifier, clock: Clock) -> None:
    minter = Minter(PRIVATE)
    for _ in range(REMEMBERED + 5):
        verifier.verify(minter.mint(ANA, "goals", clock), "goals")
    assert len(verifier._known) == REMEMBERED


def test_public_keys_hold_no_secret() -> None:
    assert "d" not in json.loads(PUBLIC)["keys"][0]
    assert "d" in json.loads(PRIVATE)


@pytest.mark.parametrize("key", ["", "{}", "[]", PUBLIC, json.dumps(json.loads(PUBLIC)["keys"][0]), '{"kty": "oct"}'])
def test_only_a_private_key_can_sign(key: str) -> None:
    with pytest.raises(ValueError, match="private Ed25519 JWK"):
        Minter(key)


def rsa() -> str:
    return signed(claims(), {"alg": "RS256"}, RSAKey.generate_key(2048))


def elliptic() -> str:
    return signed(claims(), {"alg": "ES256"}, ECKey.generate_key("P-256"))


def confused() -> str:
    """The public key taken for a shared secret."""
    return signed(claims(), {"alg": "HS256"}, OctKey.import_key(PUBLIC))


def foreign() -> str:
    return signed(claims(), key=OKPKey.generate_key("Ed25519"))


def embedded() -> str:
    key = OKPKey.generate_key("Ed25519")
    return signed(claims(), {"jwk": key.as_dict(private=False)}, key)


def tampered() -> str:
    head, _, signature = signed(claims()).split(".")
    changed = json.dumps(claims(sub="somebody-else")).encode()
    return f"{head}.{base64.urlsafe_b64encode(changed).rstrip(b'=').decode()}.{signature}"


BODY = json.dumps(claims()).encode()

BAD: dict[str, Callable[[], str]] = {
    "empty": lambda: "",
    "no token": lambda: "hello",
    "dots": lambda: "..",
    "not ascii": lambda: "ä.ö.ü",
    "huge": lambda: signed(claims(pad="x" * 1_000_000)),
    "alg none": lambda: raw({**HEADER, "alg": "none"}, BODY),
    "alg NONE": lambda: raw({**HEADER, "alg": "NONE"}, BODY),
    "alg missing": lambda: raw({"typ": TYPE, "kid": KEY.kid}, BODY),
    "signature missing": lambda: raw(HEADER, BODY),
    "signature of zeros": lambda: raw(HEADER, BODY, bytes(64)),
    "public key as secret": confused,
    "RS256": rsa,
    "ES256": elliptic,
    "foreign key": foreign,
    "embedded key": embedded,
    "tampered": tampered,
    "key by address": lambda: hand_signed({**HEADER, "jku": "https://evil.example/jwks"}, BODY),
    "critical header": lambda: hand_signed({**HEADER, "crit": ["x"], "x": 1}, BODY),
    "unencoded payload": lambda: hand_signed({**HEADER, "b64": False, "crit": ["b64"]}, BODY),
    "unknown kid": lambda: hand_signed({**HEADER, "kid": "../../etc/passwd"}, BODY),
    "kid of another type": lambda: hand_signed({**HEADER, "kid": 7}, BODY),
    "other type": lambda: hand_signed({**HEADER, "typ": "at+jwt"}, BODY),
    "type missing": lambda: hand_signed({"alg": "Ed25519", "kid": KEY.kid}, BODY),
    "body no JSON": lambda: hand_signed(HEADER, b"{"),
    "body a list": lambda: hand_signed(HEADER, b"[]"),
    "claim twice": lambda: hand_signed(HEADER, BODY[:-1] + b', "sub": "somebody"}'),
    "deep body": lambda: hand_signed(HEADER, b"[" * 5000),
    "no expiry": lambda: signed(claims(exp=None)),
    "expiry as text": lambda: signed(claims(exp=str(AT + 60))),
    "expiry a float": lambda: signed(claims(exp=AT + 59.5)),
    "expiry true": lambda: signed(claims(exp=True)),
    "expired": lambda: signed(claims(iat=AT - 61, exp=AT - 1)),
    "expires this second": lambda: signed(claims(iat=AT - 60, exp=AT)),
    "lives too long": lambda: signed(claims(exp=AT + 3600)),
    "from the future": lambda: signed(claims(iat=AT + 30, exp=AT + 90)),
    "not yet valid": lambda: signed(claims(nbf=AT + 30)),
    "no issue time": lambda: signed(claims(iat=None)),
    "other issuer": lambda: signed(claims(iss="https://idp.example")),
    "no issuer": lambda: signed(claims(iss=None)),
    "no audience": lambda: signed(claims(aud=None)),
    "empty audience": lambda: signed(claims(aud="")),
    "audience a list": lambda: signed(claims(aud=["goals", "feedback"])),
    "other audience": lambda: signed(claims(aud="feedback")),
    "no subject": lambda: signed(claims(sub=None)),
    "empty subject": lambda: signed(claims(sub="")),
    "endless subject": lambda: signed(claims(sub="x" * 65)),
    "subject with a line break": lambda: signed(claims(sub="a\nb")),
    "subject a number": lambda: signed(claims(sub=7)),
    "no kind": lambda: signed(claims(kind=None)),
    "unknown kind": lambda: signed(claims(kind="god")),
    "no roles": lambda: signed(claims(roles=None)),
    "roles as text": lambda: signed(claims(roles="admin")),
    "roles of numbers": lambda: signed(claims(roles=[1])),
    "no scopes": lambda: signed(claims(scopes=None)),
    "no token id": lambda: signed(claims(jti=None)),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused(verifier: Verifier, name: str) -> None:
    with pytest.raises(Unauthenticated) as told:
        verifier.verify(BAD[name](), "goals")
    assert told.value.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_corpus_differs_from_a_good_token_only_where_it_says(verifier: Verifier) -> None:
    assert verifier.verify(signed(claims()), "goals").id == ANA.id
    assert verifier.verify(hand_signed(HEADER, BODY), "goals").id == ANA.id
