"""Who is calling, from what the request carries: an API token of ours, or an access token of the identity provider."""

import time
from collections.abc import Callable

from flask import Request, g

from chassis.access import Actor
from chassis.identity import refused
from chassis.problems import Unauthenticated
from chassis.service import Runtime
from chassis.settings import Settings
from gateway.kept import Kept
from gateway.signin import api_tokens, secret
from gateway.signin.attempts import Attempts
from gateway.signin.jwks import Keys
from gateway.signin.oidc import LONGEST, Trust, Verifier
from gateway.signin.persons import known


class Authenticator:
    """Called with a request, answers its actor. Safe between threads."""

    def __init__(
        self, runtime: Runtime, kept: Kept, oidc: Verifier | None, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._runtime = runtime
        self._kept = kept
        self._oidc = oidc
        self._attempts = Attempts(now)

    def __call__(self, incoming: Request) -> Actor:
        """Raises Unauthenticated, Denied for a person not known here, TooManyRequests, or Unavailable."""
        token = bearer(incoming)
        source = incoming.remote_addr or "unknown"
        try:
            actor = self._proved(token)
        except Unauthenticated:
            self._attempts.wrong(source)
            raise
        self._attempts.right(source)
        return actor

    def _proved(self, token: str) -> Actor:
        if token.startswith(secret.PREFIX):
            actor, g.cairn_edition = api_tokens.prove(self._runtime, self._kept, token)
            return actor
        if self._oidc is None:
            raise refused("it is not one of ours")
        return known(self._runtime, self._oidc.verify(token))


def bearer(incoming: Request) -> str:
    """The token of the Authorization header. Raises Unauthenticated where there is none."""
    scheme, _, token = incoming.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("Say who you are: send Authorization: Bearer and your access token.")
    if len(token) > LONGEST:
        raise refused("it is too long to be one")
    return token.strip()


def authenticator(runtime: Runtime, kept: Kept, settings: Settings) -> Authenticator:
    """The gateway's proof of callers, as the settings say."""
    return Authenticator(runtime, kept, _oidc(runtime, settings))


def _oidc(runtime: Runtime, settings: Settings) -> Verifier | None:
    if not settings.oidc_issuer or not settings.oidc_audience:
        return None
    trust = Trust(settings.oidc_issuer, settings.oidc_audience, frozenset(settings.oidc_algorithms))
    return Verifier(trust, Keys(settings.oidc_issuer, settings.oidc_jwks_url), runtime.clock)
