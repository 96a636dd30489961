"""The gateway: the only public door. This declares what it folds into its read model and what it answers itself."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chassis.service import Runtime, Service
from contracts.people import PersonDeactivated
from gateway.projection.handlers import HANDLERS, settle
from gateway.projection.models import Base
from gateway.signin.handlers import both, end_tokens

if TYPE_CHECKING:
    from flask import Flask
    from flask_smorest import Blueprint

    from chassis.settings import Settings
    from gateway.proxy.wire import Exchange


def service() -> Service:
    """The gateway as the chassis sees it."""
    return Service(
        name="gateway",
        metadata=Base.metadata,
        migrations="gateway.migrations",
        blueprints=_blueprints,
        handlers={**HANDLERS, PersonDeactivated: both(HANDLERS[PersonDeactivated], end_tokens)},
        gather=0.03,
        settle=settle,
    )


def build(runtime: Runtime, private_key: str, exchanges: "Mapping[str, Exchange]", settings: "Settings") -> "Flask":
    """The gateway's application: sign-in, aggregated reads, and the services' operations passed on by `exchanges`."""
    from chassis.http.app import build as build_app
    from gateway.kept import EXTENSION, Kept
    from gateway.proxy import operations, routes
    from gateway.signin.authenticate import authenticator

    kept = Kept(runtime.db)
    proof = authenticator(runtime, kept, settings)
    app = build_app(runtime, authenticate=proof, cursor_secret=settings.cursor_secret)
    app.extensions[EXTENSION] = kept
    routes.register(app, operations.committed(), exchanges, private_key)
    return app


def _blueprints() -> "Sequence[Blueprint]":
    from gateway import api
    from gateway.proxy import api as proxy
    from gateway.signin import api as signin

    return [api.blp, signin.blp, proxy.blp]
