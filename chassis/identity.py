"""Who is calling, between the gateway and the services: a signed token of our own that lives for a minute.

The outer proof (a session, an OIDC token) ends at the gateway; it mints an Ed25519 token for exactly one service.
Services trust nothing else: not the identity provider's tokens, not headers, not the network.
"""

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chassis.access import Actor
from chassis.clock import Clock, system_clock
from chassis.ids import new_id
from chassis.problems import Unauthenticated

if TYPE_CHECKING:
    from joserfc.jwk import KeySet, OKPKey

ISSUER = "cairn-gateway"
LIFETIME = 60
"""Seconds a token is good for. There is no leeway at its end."""
CLOCKS_APART = 5
"""Seconds the gateway's clock may be ahead of the service's."""
ALGORITHM = "Ed25519"
TYPE = "cairn-internal+jwt"
LONGEST_TOKEN = 8192
KINDS = frozenset({"person", "service", "system"})
REMEMBERED = 1024


def generate_keys() -> tuple[str, str]:
    """A fresh signing key for the gateway (private JWK) and the JWKS the services verify with, both as JSON."""
    from joserfc.jwk import OKPKey

    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": ALGORITHM}, private=True, auto_kid=True)
    return json.dumps(key.as_dict(private=True)), json.dumps({"keys": [key.as_dict(private=False)]})


class Minter:
    """Signs tokens; only the gateway has one. Raises ValueError where the key is no private Ed25519 JWK."""

    def __init__(self, private_jwk: str) -> None:
        self._key = _private_key(private_jwk)

    def mint(self, actor: Actor, audience: str, clock: Clock = system_clock) -> str:
        """A token that lets the named service, and no other, believe for 60 seconds that this actor is calling."""
        from joserfc import jwt

        now = int(clock().timestamp())
        claims = {
            "iss": ISSUER,
            "aud": audience,
            "sub": actor.id,
            "kind": actor.kind,
            "roles": sorted(actor.roles),
            "scopes": sorted(actor.scopes),
            "iat": now,
            "exp": now + LIFETIME,
            "jti": new_id(),
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


def _private_key(private_jwk: str) -> "OKPKey":
    from joserfc.errors import JoseError
    from joserfc.jwk import OKPKey

    try:
        key = OKPKey.import_key(json.loads(private_jwk))
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as fault:
        raise ValueError("the signing key is not a private Ed25519 JWK; make one with `cairn keygen`") from fault
    if not key.is_private or key.curve_name != "Ed25519":
        raise ValueError("the signing key is not a private Ed25519 JWK; make one with `cairn keygen`")
    key.ensure_kid()
    return key


@dataclass(frozen=True, slots=True)
class _Known:
    actor: Actor
    audience: str
    expires: int


class Verifier:
    """Believes tokens signed by the gateway's keys, and remembers those it has verified. Safe between threads."""

    def __init__(self, public_jwks: str, clock: Clock = system_clock) -> None:
        self._jwks = public_jwks
        self._clock = clock
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lock = threading.Lock()

    def verify(self, token: str, audience: str) -> Actor:
        """The actor the token speaks for. Raises Unauthenticated for whatever is not ours, not for us, or over."""
        now = self._clock().timestamp()
        known = self._known.get(token)
        if known is None:
            known = self._read(token, now)
            self._remember(token, known)
        if known.audience != audience:
            raise refused("it is meant for another service")
        if known.expires <= now:
            raise refused("it has expired")
        return known.actor

    def _remember(self, token: str, known: _Known) -> None:
        with self._lock:
            self._known[token] = known
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def _read(self, token: str, now: float) -> _Known:
        from joserfc import jwt
        from joserfc.errors import JoseError

        if len(token) > LONGEST_TOKEN or not token.isascii():
            raise refused("it is not one of ours")
        try:
            read = jwt.decode(token, self._keys, algorithms=[ALGORITHM], decoder_cls=_StrictDecoder)
        except (JoseError, ValueError, TypeError, KeyError, RecursionError, AttributeError) as fault:
            raise refused("it is not one of ours") from fault
        if set(read.header) != {"alg", "typ", "kid"} or read.header["typ"] != TYPE:
            raise refused("it is not one of ours")
        return _believed(read.claims, now)

    @cached_property
    def _keys(self) -> "KeySet":
        from joserfc.jwk import KeySet

        return KeySet.import_key_set(json.loads(self._jwks))


class _StrictDecoder(json.JSONDecoder):
    """Refuses a claim given twice: two readers could otherwise believe two different things."""

    def __init__(self, **_: Any) -> None:
        super().__init__(object_pairs_hook=_once)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a claim is given twice")
    return found


def _believed(claims: Mapping[str, Any], now: float) -> _Known:
    issued, expires = _seconds(claims, "iat"), _seconds(claims, "exp")
    if claims.get("iss") != ISSUER:
        raise refused("it has another issuer")
    if not 0 < expires - issued <= LIFETIME or issued > now + CLOCKS_APART:
        raise refused("its times make no sense")
    if "nbf" in claims and _seconds(claims, "nbf") > now + CLOCKS_APART:
        raise refused("it is not valid yet")
    _word(claims, "jti", 64)
    kind = _word(claims, "kind", 16)
    if kind not in KINDS:
        raise refused("its kind is unknown")
    actor = Actor(_word(claims, "sub", 64), kind, _words(claims, "roles"), _words(claims, "scopes"))
    return _Known(actor, _word(claims, "aud", 64), expires)


def _seconds(claims: Mapping[str, Any], name: str) -> int:
    value = claims.get(name)
    if type(value) is not int:
        raise refused(f"its {name} is missing or no whole number")
    return value


def _word(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= longest or not value.isprintable():
        raise refused(f"its {name} is missing or malformed")
    return value


def _words(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    value = claims.get(name)
    if not isinstance(value, list) or len(value) > 64 or not all(isinstance(word, str) for word in value):
        raise refused(f"its {name} are missing or malformed")
    return frozenset(value)


def refused(why: str) -> Unauthenticated:
    """The answer to a token we do not believe, with the challenge HTTP asks for."""
    return Unauthenticated(
        f"The access token was refused: {why}. Sign in again.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )
