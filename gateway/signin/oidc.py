"""Access tokens of the identity provider: which are believed, and why.

A token counts when it is signed, with an algorithm on the list, by a key the issuer publishes; names that issuer and
us; and is valid now. Nothing in it may say where its key is. ID tokens prove a sign-in to somebody else and are
refused: they are told by `nonce`, `at_hash`, `c_hash`, or a `typ` of their own.
"""

import base64
import binascii
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from chassis.clock import Clock, system_clock
from chassis.identity import refused

LONGEST = 16 * 1024
LEEWAY = 60
"""Seconds the issuer's clock and ours may be apart."""
TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
FORBIDDEN_HEADERS = frozenset({"jku", "jwk", "x5u", "x5c", "crit", "b64", "zip", "enc"})
NO_ACCESS_TOKEN = frozenset({"nonce", "at_hash", "c_hash", "s_hash", "events"})
MALFORMED = "it is neither one of ours nor a signed token"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom we believe: ValueError for an algorithm that is no signature by a private key."""

    issuer: str
    audience: str
    algorithms: frozenset[str]

    def __post_init__(self) -> None:
        if not self.algorithms or any(name.lower() == "none" or name.startswith("HS") for name in self.algorithms):
            raise ValueError("only signatures by the issuer's private key are believed")


class KeySource(Protocol):
    """Where public keys come from."""

    def find(self, kid: str | None, algorithm: str) -> list[Any]:
        """The issuer's keys of this id that fit the algorithm; Unavailable while there is no way to know."""


class Verifier:
    """Believes access tokens of one issuer."""

    def __init__(self, trust: Trust, keys: KeySource, clock: Clock = system_clock) -> None:
        self._trust = trust
        self._keys = keys
        self._clock = clock

    def verify(self, token: str) -> Mapping[str, Any]:
        """The claims of a believed token. Raises Unauthenticated, or Unavailable while keys cannot be had."""
        parts = token.split(".")
        if len(parts) != 3 or len(token) > LONGEST or not token.isascii():
            raise refused(MALFORMED)
        header = _object(_decoded(parts[0]))
        algorithm = self._algorithm(header)
        claims = _object(_decoded(parts[1]))
        # An issuer we do not know is not worth a look for its keys.
        if claims.get("iss") != self._trust.issuer:
            raise refused("it has another issuer")
        keys = self._keys.find(_kid(header), algorithm)
        if not any(_signed(algorithm, key, parts) for key in keys):
            raise refused("its signature is not the issuer's")
        self._require_valid(claims)
        return claims

    def _algorithm(self, header: Mapping[str, Any]) -> str:
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in self._trust.algorithms:
            raise refused("its signature algorithm is not allowed here")
        if FORBIDDEN_HEADERS & header.keys():
            raise refused("its header asks for something we do not do")
        kind = header.get("typ", "JWT")
        if not isinstance(kind, str) or kind.lower() not in TYPES:
            raise refused("it is no access token")
        return algorithm

    def _require_valid(self, claims: Mapping[str, Any]) -> None:
        now = self._clock().timestamp()
        if NO_ACCESS_TOKEN & claims.keys() or str(claims.get("typ", "Bearer")).lower() not in (*TYPES, "bearer"):
            raise refused("it is no access token")
        if _seconds(claims, "exp") <= now - LEEWAY:
            raise refused("it has expired")
        if _seconds(claims, "iat") > now + LEEWAY or ("nbf" in claims and _seconds(claims, "nbf") > now + LEEWAY):
            raise refused("it is not valid yet")
        if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
            raise refused("its sub is missing or malformed")
        if self._trust.audience not in _audience(claims):
            raise refused("it is meant for another application")


def _signed(algorithm: str, key: Any, parts: list[str]) -> bool:
    from joserfc.errors import JoseError
    from joserfc.jws import JWSRegistry

    method = JWSRegistry.algorithms[algorithm]
    try:
        method.check_key(key)
        return method.verify(f"{parts[0]}.{parts[1]}".encode(), _decoded(parts[2]), key)
    except (JoseError, ValueError, TypeError):
        return False


def _decoded(part: str) -> bytes:
    try:
        if "=" in part:
            raise ValueError("padded")
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as fault:
        raise refused(MALFORMED) from fault


def _object(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as fault:
        raise refused(MALFORMED) from fault
    if not isinstance(value, dict):
        raise refused(MALFORMED)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is given twice")
    return found


def _no_constant(text: str) -> Any:
    raise ValueError(f"{text} is no JSON")


def _kid(header: Mapping[str, Any]) -> str | None:
    kid = header.get("kid")
    if kid is not None and (not isinstance(kid, str) or len(kid) > 255):
        raise refused("its key id is malformed")
    return kid


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e12:
        raise refused(f"its {name} is missing or no moment")
    return math.floor(value)


def _audience(claims: Mapping[str, Any]) -> list[str]:
    said = claims.get("aud")
    named = [said] if isinstance(said, str) else said
    if not isinstance(named, list) or not named or not all(isinstance(name, str) and name for name in named):
        raise refused("its aud is missing or malformed")
    return named
