"""Access tokens of the identity provider, with a real one on a port: good ones sign in, a corpus of bad ones never."""

import hmac
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from chassis.problems import Unavailable
from gateway.signin.jwks import LARGEST, Keys
from gateway.signin.oidc import Trust
from tests.support.hosted import person
from tests.support.signin import ANA, BEN, KEYS, Door, Issuer, door, issuer, public, segment, signed

OTHER = RSAKey.generate_key(2048, {"kid": "rsa"})


@pytest.fixture
def issuing() -> Iterator[Issuer]:
    """An issuer to be changed by the test."""
    with issuer() as running:
        yield running


@pytest.fixture
def scratch(tmp_path: Path) -> str:
    """Where a gateway of the test's own keeps its data."""
    return f"sqlite:///{tmp_path / 'gateway.db'}"


@pytest.fixture(scope="module")
def provider() -> Iterator[Issuer]:
    with issuer() as running:
        yield running


@pytest.fixture(scope="module")
def gateway(provider: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    with door(f"sqlite:///{tmp_path_factory.mktemp('oidc') / 'gateway.db'}", provider.settings()) as running:
        running.tell(
            person("Ana", id=ANA, external_id="E-1"),
            person("Ben", id=BEN, external_id="E-2", active=False),
        )
        yield running


def call(gateway: Door, token: str, source: str = "127.0.0.1") -> Any:
    return gateway.client(token, source).get("/api/v1/tokens")


@pytest.mark.parametrize("algorithm", sorted(KEYS))
@pytest.mark.parametrize("typ", ["at+jwt", "JWT", "application/at+jwt", None])
def test_a_good_token_signs_its_person_in(gateway: Door, provider: Issuer, algorithm: str, typ: str | None) -> None:
    token = signed(provider.claims(gateway.clock), algorithm, typ=typ)
    assert call(gateway, token).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": ["other", "cairn"]},
        {"email": "ANA@Example.org", "email_verified": True},
        {"email": None, "external_id": "E-1"},
        {"external_id": "E-1", "email": "somebody@else.org"},
        {"nbf": 0},
        {"typ": "Bearer", "scope": "openid profile", "azp": "web"},
    ],
)
def test_claims_may_be_said_in_several_ways(gateway: Door, provider: Issuer, claims: dict[str, Any]) -> None:
    assert call(gateway, signed(provider.claims(gateway.clock, **claims))).status_code == 200


def test_scopes_of_ours_in_the_token_narrow_it(gateway: Door, provider: Issuer) -> None:
    token = signed(provider.claims(gateway.clock, scope="openid goals:read"))
    assert call(gateway, token).status_code == 403


def test_clocks_may_be_a_minute_apart(gateway: Door, provider: Issuer) -> None:
    now = int(gateway.clock().timestamp())
    for claims in ({"exp": now - 59}, {"iat": now + 59}, {"nbf": now + 59}):
        assert call(gateway, signed(provider.claims(gateway.clock, **claims))).status_code == 200


@pytest.mark.parametrize("claims", [{"email": "zoe@example.org"}, {"external_id": "E-9"}, {"external_id": "E-2"}])
def test_a_stranger_and_somebody_who_left_are_told_so(gateway: Door, provider: Issuer, claims: dict[str, Any]) -> None:
    answer = call(gateway, signed(provider.claims(gateway.clock, **claims)))
    assert answer.status_code == 403
    assert answer.get_json()["type"] == "urn:cairn:problem:unknown-person"


Bad = Callable[[dict[str, Any]], str]


def hs_confused(claims: dict[str, Any]) -> str:
    """Signed with the public key as if it were a shared secret, the oldest trick there is."""
    body = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa'})}.{segment(claims)}"
    mac = hmac.digest(KEYS["RS256"].as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{segment(mac)}"


def unsigned(algorithm: str) -> Bad:
    return lambda claims: f"{segment({'alg': algorithm, 'typ': 'at+jwt', 'kid': 'rsa'})}.{segment(claims)}."


def claiming(**changes: Any) -> Bad:
    return lambda claims: signed({k: v for k, v in {**claims, **changes}.items() if v is not None})


def heading(**header: Any) -> Bad:
    return lambda claims: signed(claims, **header)


def raw(text: Callable[[str], str]) -> Bad:
    return lambda claims: signed(text(json.dumps(claims)).encode())


def respelled(change: Callable[[list[str]], list[str]]) -> Bad:
    return lambda claims: ".".join(change(signed(claims).split(".")))


def moved(claim: str, seconds: int) -> Bad:
    return lambda claims: signed({**claims, claim: claims["iat"] + seconds})


BAD: dict[str, Bad] = {
    "unsigned": unsigned("none"),
    "unsigned, spelled otherwise": unsigned("NONE"),
    "unsigned, spelled oddly": unsigned("nOnE"),
    "unsigned with a signing algorithm": unsigned("RS256"),
    "public key as shared secret": hs_confused,
    "algorithm not on the list": lambda claims: signed(claims, "RS512", KEYS["RS256"]),
    "algorithm of another key": lambda claims: signed(claims, "RS256", KEYS["RS256"], kid="ec"),
    "algorithm not what was signed with": lambda claims: signed(claims, "ES256", alg="RS256", kid="rsa"),
    "no algorithm": heading(alg=None),
    "algorithm no text": heading(alg=["RS256"]),
    "no exp": claiming(exp=None),
    "exp as text": lambda claims: signed({**claims, "exp": str(claims["exp"])}),
    "exp true": claiming(exp=True),
    "exp without end": raw(lambda text: text.replace('"exp": ', '"exp": 1e400, "was": ')),
    "exp no number": raw(lambda text: text.replace('"exp": ', '"exp": NaN, "was": ')),
    "expired": moved("exp", -61),
    "no iat": claiming(iat=None),
    "issued tomorrow": moved("iat", 86_400),
    "not yet valid": moved("nbf", 61),
    "nbf as text": claiming(nbf="soon"),
    "no audience": claiming(aud=None),
    "empty audience": claiming(aud=[]),
    "blank audience": claiming(aud=""),
    "audience without us": claiming(aud=["billing", "cairn2"]),
    "audience beginning like us": claiming(aud="cairn-admin"),
    "audience of odd things": claiming(aud=["cairn", 7]),
    "no issuer": claiming(iss=None),
    "another issuer": claiming(iss="https://login.example.com"),
    "issuer with a slash more": lambda claims: signed({**claims, "iss": claims["iss"] + "/"}),
    "no sub": claiming(sub=None),
    "empty sub": claiming(sub=""),
    "sub a number": claiming(sub=7),
    "kid of a file": heading(kid="../../../../dev/null"),
    "kid of a query": heading(kid="x' UNION SELECT 'key"),
    "kid no text": heading(kid={"a": 1}),
    "kid unknown": heading(kid="nobody"),
    "no kid and another's key": lambda claims: signed(claims, "RS256", OTHER, kid=None),
    "another's key under a known kid": lambda claims: signed(claims, "RS256", OTHER),
    "key in the header": lambda claims: signed(claims, "RS256", OTHER, jwk=public(OTHER)),
    "key at an address": lambda claims: signed(claims, "RS256", OTHER, jku="http://127.0.0.1:1/jwks"),
    "certificate at an address": heading(x5u="http://127.0.0.1:1/cert"),
    "certificate in the header": heading(x5c=["MIIB"]),
    "critical extension": heading(crit=["exp"], exp=1),
    "unencoded payload": heading(b64=False, crit=["b64"]),
    "compressed": heading(zip="DEF"),
    "id token by nonce": claiming(nonce="n-0S6_WzA2Mj"),
    "id token by at_hash": claiming(at_hash="MTIzNDU2Nzg5MDEyMzQ1Ng"),
    "id token by its own typ": claiming(typ="ID"),
    "logout token": heading(typ="logout+jwt"),
    "our internal kind of token": heading(typ="cairn-internal+jwt"),
    "typ no text": heading(typ=7),
    "claim given twice": raw(lambda text: text[:-1] + ', "sub": "admin"}'),
    "claims a list": lambda _claims: signed([1, 2]),
    "claims no JSON": lambda _claims: signed(b"not json"),
    "claims nested without end": lambda _claims: signed(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "not UTF-8": lambda _claims: signed(b'{"iss": "\xff"}'),
    "payload changed": respelled(lambda p: [p[0], segment({"sub": "admin"}), p[2]]),
    "signature cut": respelled(lambda p: [p[0], p[1], p[2][:-4]]),
    "signature away": respelled(lambda p: [p[0], p[1], ""]),
    "two parts": respelled(lambda p: p[:2]),
    "five parts": respelled(lambda p: [*p, "a", "b"]),
    "padded": respelled(lambda p: [p[0] + "=", p[1], p[2]]),
    "no base64": respelled(lambda p: [p[0], p[1], "*" + p[2][1:]]),
    "a megabyte": claiming(extra="x" * 1_000_000),
    "more than sixteen kilobytes": claiming(extra="x" * 12_300),
    "no one named": claiming(email=None),
    "email not verified": claiming(email_verified=False),
    "email verified in words": claiming(email_verified="true"),
    "email a list": claiming(email=["ana@example.org"]),
    "external id a number": claiming(external_id=1),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_token_is_refused(gateway: Door, provider: Issuer, name: str) -> None:
    claims = provider.claims(gateway.clock)
    assert call(gateway, signed(claims)).status_code == 200, "the corpus starts from a good one"
    refused = call(gateway, BAD[name](claims))
    assert refused.status_code == 401
    assert refused.content_type == "application/problem+json"
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_without_a_kid_will_do_where_one_key_fits(
    gateway: Door, provider: Issuer, issuing: Issuer, scratch: str
) -> None:
    assert call(gateway, signed(provider.claims(gateway.clock), kid=None)).status_code == 200
    issuing.keys.append(public(OTHER, kid="second"))
    with door(scratch, issuing.settings()) as fresh:
        assert call(fresh, signed(issuing.claims(fresh.clock), kid=None)).status_code == 401


def test_a_new_key_is_found_when_a_token_names_it_and_looked_for_once_a_minute(issuing: Issuer) -> None:
    now = [0.0]
    keys = Keys(issuing.url, now=lambda: now[0])
    assert keys.find("rsa", "RS256")
    issuing.keys.append(public(OTHER, kid="next"))
    assert keys.find("next", "RS256") == [], "looked less than a minute ago"
    now[0] = 60.0
    assert [key.kid for key in keys.find("next", "RS256")] == ["next"]
    asked = len(issuing.asked)
    for _ in range(50):
        assert keys.find("nobody", "RS256") == []
    assert len(issuing.asked) == asked


def test_a_withdrawn_key_is_believed_ten_minutes_at_most(issuing: Issuer) -> None:
    now = [0.0]
    keys = Keys(issuing.url, now=lambda: now[0])
    assert keys.find("rsa", "RS256")
    del issuing.keys[0]
    now[0] = 601.0
    assert keys.find("rsa", "RS256") == []


def test_the_last_good_keys_serve_while_the_issuer_is_away(issuing: Issuer) -> None:
    now = [0.0]
    keys = Keys(issuing.url, now=lambda: now[0])
    assert keys.find("rsa", "RS256")
    issuing.status = 500
    now[0] = 10_000.0
    assert keys.find("rsa", "RS256")


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"keys": []}', b'{"keys": 7}', b"x" * (LARGEST + 1), b"[" * 100_000],
)
def test_nonsense_from_the_issuer_is_no_keys(issuing: Issuer, body: bytes) -> None:
    issuing.body = body
    with pytest.raises(Unavailable, match="identity provider"):
        Keys(issuing.url).find("rsa", "RS256")


def test_only_public_signature_keys_are_taken(issuing: Issuer) -> None:
    short = {**public(KEYS["RS256"], kid="short"), "n": public(KEYS["RS256"])["n"][:171]}
    issuing.keys = [
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        public(KEYS["RS256"], kid="encrypts", use="enc"),
        public(KEYS["RS256"], kid="signs", key_ops=["sign"]),
        public(KEYS["RS256"], kid="other", alg="RS512"),
        short,
        {"kty": "RSA", "kid": "broken", "n": "*", "e": "AQAB"},
        {"kty": "new", "kid": "new"},
        {"kid": "nothing"},
        public(KEYS["RS256"], kid="good"),
    ]
    keys = Keys(issuing.url)
    names = ("secret", "encrypts", "signs", "other", "short", "broken", "new", "nothing", "good")
    assert [name for name in names if keys.find(name, "RS256")] == ["good"]


def test_an_issuer_that_never_answered_makes_sign_in_unavailable_not_wrong(issuing: Issuer, scratch: str) -> None:
    issuing.status = 503
    with door(scratch, issuing.settings()) as gateway:
        answer = call(gateway, signed(issuing.claims(gateway.clock)))
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"


def test_keys_may_be_named_without_discovery(issuing: Issuer, scratch: str) -> None:
    settings = issuing.settings(CAIRN_OIDC_JWKS_URL=f"{issuing.url}/jwks")
    with door(scratch, settings) as gateway:
        assert call(gateway, signed(issuing.claims(gateway.clock))).status_code == 403, "proved, but not known"
    assert issuing.asked == ["/realm/jwks"]


def test_a_discovery_document_of_another_issuer_is_not_followed(issuing: Issuer) -> None:
    with pytest.raises(Unavailable):
        Keys(issuing.url + "/", fetch=lambda _: b'{"issuer": "https://evil.example", "jwks_uri": "x"}').find(
            "rsa", "RS256"
        )


def test_without_an_issuer_in_the_settings_no_such_token_counts(issuing: Issuer, scratch: str) -> None:
    with door(scratch) as gateway:
        assert call(gateway, signed(issuing.claims(gateway.clock))).status_code == 401
    assert issuing.asked == []


@pytest.mark.parametrize("algorithms", [set(), {"none"}, {"HS256"}, {"RS256", "HS512"}])
def test_trust_in_shared_secrets_cannot_even_be_said(algorithms: set[str]) -> None:
    with pytest.raises(ValueError, match="private key"):
        Trust("https://issuer.example", "cairn", frozenset(algorithms))


def test_ten_bad_tokens_make_their_source_wait(gateway: Door, provider: Issuer) -> None:
    bad = signed(provider.claims(gateway.clock), "RS256", OTHER)
    assert [call(gateway, bad, "192.0.2.1").status_code for _ in range(11)] == [401] * 10 + [429]
    assert call(gateway, signed(provider.claims(gateway.clock)), "192.0.2.2").status_code == 200
