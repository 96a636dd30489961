"""The issuer's public keys: fetched when first needed, kept, looked at again when a token names one we do not know.

While the issuer is away, the last good copy serves. Whatever it answers is bounded in time and size, and only public
signature keys are taken from it.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from chassis.problems import Unavailable

FRESH_SECONDS = 600.0
"""How long a copy is used before it is fetched again; a key the issuer withdrew is believed no longer than this."""
BETWEEN_SECONDS = 60.0
"""At most one look per minute, whatever tokens ask for."""
AWAY_SECONDS = 5.0
"""Between attempts while there is no copy at all."""
LARGEST = 256 * 1024
TIMEOUT = 3.0
SHORTEST_RSA = 342
"""Characters of a modulus of 2048 bits."""
DISCOVERY = "/.well-known/openid-configuration"
KINDS = {"RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP"}

log = logging.getLogger(__name__)


class Keys:
    """The keys of one issuer. Safe between threads; one of them fetches while the others use what there is."""

    def __init__(
        self,
        issuer: str,
        jwks_url: str | None = None,
        *,
        now: Callable[[], float] = time.monotonic,
        fetch: Callable[[str], bytes] | None = None,
    ) -> None:
        self._issuer = issuer
        self._jwks_url = jwks_url
        self._now = now
        self._fetch = fetch or fetched
        self._keys: list[Any] | None = None
        self._fetched = self._looked = float("-inf")
        self._lock = threading.Lock()

    def find(self, kid: str | None, algorithm: str) -> list[Any]:
        """The keys with this id that fit the algorithm. Without an id, the only fitting key there is."""
        if self._keys is None or self._now() - self._fetched > FRESH_SECONDS:
            self._refresh(AWAY_SECONDS if self._keys is None else BETWEEN_SECONDS)
        found = self._fitting(kid, algorithm)
        if not found:
            self._refresh(BETWEEN_SECONDS)
            found = self._fitting(kid, algorithm)
        return found

    def _fitting(self, kid: str | None, algorithm: str) -> list[Any]:
        if self._keys is None:
            raise Unavailable("Sign-in is not possible now: the identity provider does not answer.", retry_after=5)
        fitting = [key for key in self._keys if _fits(key, algorithm)]
        if kid is None:
            return fitting if len(fitting) == 1 else []
        return [key for key in fitting if key.kid == kid]

    def _refresh(self, pause: float) -> None:
        """Look again unless that was done within the pause; wait for another thread's look only if there is no copy."""
        if not self._lock.acquire(blocking=self._keys is None):
            return
        try:
            if self._now() - self._looked < pause:
                return
            self._looked = self._now()
            self._keys = _public(json.loads(self._fetch(self._where())))
            self._fetched = self._looked
        except Exception as fault:  # whatever the issuer does, it must not take sign-in by a good copy down
            log.warning("the issuer's keys could not be fetched: %s: %s", type(fault).__name__, fault)
        finally:
            self._lock.release()

    def _where(self) -> str:
        if self._jwks_url is not None:
            return self._jwks_url
        document = json.loads(self._fetch(self._issuer.rstrip("/") + DISCOVERY))
        if document.get("issuer") != self._issuer:
            raise ValueError("the discovery document is of another issuer")
        address = str(document["jwks_uri"])
        if urlsplit(address).scheme not in ("https", urlsplit(self._issuer).scheme):
            raise ValueError("the keys are not at a safe address")
        return address


def fetched(address: str) -> bytes:
    """The body at an address: no redirects, no proxies, bounded time and size. Raises whatever went wrong."""
    import httpx

    deadline = time.monotonic() + TIMEOUT
    with httpx.Client(timeout=TIMEOUT, trust_env=False) as client, client.stream("GET", address) as response:
        if response.status_code != 200:
            raise ValueError(f"it answered {response.status_code}")
        data = b""
        for chunk in response.iter_bytes(16_384):
            data += chunk
            if len(data) > LARGEST or time.monotonic() > deadline:
                raise ValueError("its answer is too large or too slow")
    return data


def _public(document: Any) -> list[Any]:
    keys = document["keys"]
    if not isinstance(keys, list) or not keys:
        raise ValueError("there are no keys")
    return [key for key in map(_imported, keys[:100]) if key is not None]


def _imported(jwk: Any) -> Any:
    """A key we can use, or None: one strange key does not spoil the others. Shared secrets never count."""
    from joserfc.errors import JoseError
    from joserfc.jwk import JWKRegistry

    if not isinstance(jwk, Mapping) or jwk.get("kty") not in KINDS.values() or jwk.get("use", "sig") != "sig":
        return None
    if "key_ops" in jwk and "verify" not in jwk["key_ops"]:
        return None
    if jwk["kty"] == "RSA" and len(str(jwk.get("n"))) < SHORTEST_RSA:
        return None
    public = {name: value for name, value in jwk.items() if name not in ("d", "p", "q", "dp", "dq", "qi", "oth")}
    try:
        return JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _fits(key: Any, algorithm: str) -> bool:
    stated = key.get("alg")
    same = stated is None or stated == algorithm or {stated, algorithm} == {"EdDSA", "Ed25519"}
    return bool(same and key.key_type == KINDS[algorithm[:2]])
