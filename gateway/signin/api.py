"""Tokens and service accounts over HTTP."""

from typing import Any

from chassis.access import check
from chassis.http import (
    Blueprint,
    PageArgs,
    actor,
    expected,
    page_args,
    paged,
    reads,
    session,
    tagged,
    unit,
    with_header,
    writes,
)
from gateway.signin import accounts, queries, schemas, secret, tokens
from gateway.signin.models import ServiceAccount, Token

blp = Blueprint("tokens", __name__, url_prefix="/api/v1", description="API tokens and service accounts.")


@blp.post("/tokens")
@writes("gateway", "token.write", replayable=False)
@blp.arguments(schemas.NewTokenSchema)
@blp.response(201, schemas.IssuedTokenSchema)
def create_token(body: dict[str, Any]) -> dict[str, Any]:
    """Make a personal token of your own. Its text is shown this once; it reaches no further than yours."""
    token, text = tokens.issue_own(unit(), **body)
    return {**shown(token, queries.owner_name(session(), token)), "token": text}


@blp.get("/tokens")
@reads("gateway", "token.read")
@blp.arguments(schemas.TokenFilterSchema, location="query")
@blp.response(200, schemas.TokenPageSchema)
def list_tokens(filters: dict[str, Any]) -> dict[str, Any]:
    """List your tokens, newest first; admins see everybody's."""
    page = page_args(filters)
    keys = [Token.created_at.desc(), Token.id.desc()]
    found = paged(session(), queries.tokens(actor(), **filters), keys, page.limit, page.cursor)
    return {**found, "items": [shown(token, person or account) for token, person, account in found["items"]]}


@blp.delete("/tokens/<uuid:token_id>")
@writes("gateway", "token.write")
@blp.response(204)
def revoke_token(token_id: str) -> None:
    """Revoke a token; the very next request with it is refused."""
    tokens.revoke(unit(), token_id)


@blp.post("/service-accounts")
@writes("gateway", "service_account.write")
@blp.arguments(schemas.NewAccountSchema)
@blp.response(201, schemas.AccountSchema)
def create_service_account(body: dict[str, Any]) -> ServiceAccount:
    """Make a service account: another system that works with Cairn."""
    account = accounts.create(unit(), **body)
    unit().session.flush()
    with_header("Location", f"/api/v1/service-accounts/{account.id}")
    return tagged(account)


@blp.get("/service-accounts")
@reads("gateway", "service_account.write")
@blp.arguments(PageArgs, location="query")
@blp.response(200, schemas.AccountPageSchema)
def list_service_accounts(filters: dict[str, Any]) -> dict[str, Any]:
    """List the service accounts, by name. For admins."""
    check(actor(), "service_account.write")
    page = page_args(filters)
    return paged(session(), queries.accounts(), [ServiceAccount.name], page.limit, page.cursor)


@blp.get("/service-accounts/<uuid:account_id>")
@reads("gateway", "service_account.write")
@blp.response(200, schemas.AccountSchema)
def get_service_account(account_id: str) -> ServiceAccount:
    """Read one service account. For admins."""
    check(actor(), "service_account.write")
    return tagged(queries.account(session(), account_id))


@blp.patch("/service-accounts/<uuid:account_id>")
@writes("gateway", "service_account.write", match=True)
@blp.arguments(schemas.AccountChangeSchema)
@blp.response(200, schemas.AccountSchema)
def change_service_account(body: dict[str, Any], account_id: str) -> ServiceAccount:
    """Change its roles, or switch it off or on."""
    return tagged(accounts.change(unit(), account_id, expected(), body))


@blp.post("/service-accounts/<uuid:account_id>/tokens")
@writes("gateway", "service_account.write", replayable=False)
@blp.arguments(schemas.NewAccountTokenSchema)
@blp.response(201, schemas.IssuedTokenSchema)
def create_service_account_token(body: dict[str, Any], account_id: str) -> dict[str, Any]:
    """Make a token of a service account; several live side by side, so that one can replace another without a gap."""
    token, text = tokens.issue_for_account(unit(), account_id, **body)
    return {**shown(token, queries.owner_name(session(), token)), "token": text}


def shown(token: Token, owner: str | None) -> dict[str, Any]:
    """A token as its schema shows it."""
    person = token.person_id is not None
    kind = secret.PERSONAL if person else secret.SERVICE
    return {
        **{name: getattr(token, name) for name in ("id", "name", "scopes", "created_at", "expires_at")},
        "owner": {
            "kind": "person" if person else "service_account",
            "id": token.person_id or token.account_id,
            "name": owner,
        },
        "hint": f"{secret.PREFIX}{kind}_{token.lookup}",
        "revoked_at": token.revoked_at,
        "last_used_at": token.last_used_at,
    }
