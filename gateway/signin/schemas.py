"""Tokens and service accounts over HTTP. The text of a token is in one answer only: that to its making."""

from marshmallow import validate

from chassis.http import PageArgs, Schema, fields, page_of
from gateway.signin.accounts import LONGEST_NAME, ROLES
from gateway.signin.scopes import SCOPES
from gateway.signin.tokens import MOST_DAYS, USUAL_DAYS


def _scopes(**more: object) -> fields.List:
    return fields.List(
        fields.Choice(SCOPES),
        most=len(SCOPES),
        validate=validate.Length(min=1, error="Name at least one scope."),
        metadata={"description": "How far it reaches: `*`, `<service>:read`, `<service>:write`."},
        **more,
    )


class NewTokenSchema(Schema):
    """A personal token."""

    name = fields.Text(shortest=1, longest=LONGEST_NAME, required=True, metadata={"description": "What it is for."})
    scopes = _scopes(load_default=lambda: ["*"])
    days = fields.Integer(
        least=1, most=MOST_DAYS, load_default=USUAL_DAYS, metadata={"description": "How long it is good for."}
    )


class NewAccountTokenSchema(Schema):
    """A token of a service account; how far it reaches and how long must be said."""

    name = fields.Text(shortest=1, longest=LONGEST_NAME, required=True)
    scopes = _scopes(required=True)
    days = fields.Integer(least=1, most=MOST_DAYS, required=True)


class TokenOwnerSchema(Schema):
    """Whose it is."""

    kind = fields.Choice(("person", "service_account"), required=True)
    id = fields.Id(required=True)
    name = fields.Text(allow_none=True, required=True)


class TokenSchema(Schema):
    """What may be known of a token after its making."""

    id = fields.Id(required=True)
    name = fields.Text(required=True)
    owner = fields.Nested(TokenOwnerSchema, required=True)
    hint = fields.Text(required=True, metadata={"description": "How its text begins."})
    scopes = fields.List(fields.Choice(SCOPES), required=True)
    created_at = fields.Moment(required=True)
    expires_at = fields.Moment(required=True)
    revoked_at = fields.Moment(required=True, allow_none=True)
    last_used_at = fields.Moment(required=True, allow_none=True, metadata={"description": "Within ten minutes."})


class IssuedTokenSchema(TokenSchema):
    """A token just made. Keep `token` now: it cannot be shown again."""

    token = fields.Text(required=True)


class TokenFilterSchema(PageArgs):
    person_id = fields.Id()
    service_account_id = fields.Id()


class NewAccountSchema(Schema):
    """A service account."""

    name = fields.Text(shortest=1, longest=LONGEST_NAME, required=True)
    roles = fields.List(fields.Choice(ROLES), most=len(ROLES), load_default=list)


class AccountChangeSchema(Schema):
    """What changes; the rest stays."""

    roles = fields.List(fields.Choice(ROLES), most=len(ROLES))
    active = fields.Boolean(metadata={"description": "false refuses all its tokens from the next request on."})


class AccountSchema(Schema):
    id = fields.Id(required=True)
    version = fields.Integer(least=1, required=True)
    name = fields.Text(required=True)
    roles = fields.List(fields.Choice(ROLES), required=True)
    active = fields.Boolean(required=True)
    created_at = fields.Moment(required=True)


TokenPageSchema = page_of(TokenSchema)
AccountPageSchema = page_of(AccountSchema)
