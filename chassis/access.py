"""Who may do what: one function, `check(actor, action, thing)`, used by every route, list and handler.

The policy is a table: an action is allowed to whoever stands in one of its relations to the thing. Tokens narrow
it: a scope must allow the action as well. What the table does not name is denied.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.problems import Denied

ROLES = frozenset({"employee", "hr", "admin", "auditor"})
EVERY_SCOPE = "*"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is acting: a person, a service account, or Cairn itself (`kind` system, from event handlers and tasks).

    `scopes` are `<service>:read`, `<service>:write` or `*`; a person's own session has `*`.
    """

    id: str
    kind: str = "person"
    roles: frozenset[str] = frozenset({"employee"})
    scopes: frozenset[str] = frozenset({EVERY_SCOPE})


SYSTEM = Actor(id="cairn", kind="system", roles=frozenset())


@dataclass(frozen=True, slots=True)
class Thing:
    """What an action is about, reduced to who stands how to it. All ids are person ids."""

    kind: str
    owners: frozenset[str] = frozenset()
    """Owner and co-owners, or the author."""
    subject: str | None = None
    """The person it is about: a recipient, the person of a profile."""
    managers: frozenset[str] = frozenset()
    """Direct managers of owners or subject, where the policy includes them for this thing."""
    chain: frozenset[str] = frozenset()
    """Everyone above the owners or the subject."""
    members: frozenset[str] = frozenset()
    """Members and leads of the team that owns it."""
    public: bool = True


ANYWHERE = Thing("anything")

OPEN = frozenset({"anyone"})
STAFF = frozenset({"hr", "admin", "service", "system"})
OWNERS = frozenset({"owner", "manager", "chain"}) | STAFF

POLICY: Mapping[str, frozenset[str]] = {
    "person.read": OPEN,
    "person.write": STAFF,
    "person.change_self": frozenset({"subject"}) | STAFF,
    "role.write": frozenset({"admin", "system"}),
    "team.read": OPEN,
    "team.write": STAFF,
    "import.run": STAFF,
    "cycle.read": OPEN,
    "cycle.write": STAFF,
    "objective.read": OPEN,
    "objective.write": OWNERS | {"member"},
    "key_result.read": OPEN,
    "key_result.write": OWNERS | {"member"},
    "check_in.read": OPEN,
    "check_in.write": OWNERS | {"member"},
    "check_in.write_for_others": frozenset({"service", "hr", "admin", "system"}),
    "check_in.audit": OWNERS | {"auditor"},
    "due.read": OPEN,
    "feedback.give": OPEN,
    "feedback.give_for_others": frozenset({"service", "system"}),
    "feedback.read": frozenset({"public", "owner", "subject", "manager"}),
    "notification.read": frozenset({"subject"}),
    "notification.write": frozenset({"subject"}),
    "preference.read": frozenset({"subject"}),
    "preference.write": frozenset({"subject"}),
    "overview.read": OPEN,
    "dashboard.read": frozenset({"subject"}),
    "hand_over.read": frozenset({"subject"}) | STAFF,
    "token.read": frozenset({"subject", "admin"}),
    "token.write": frozenset({"subject", "admin"}),
    "service_account.write": frozenset({"admin", "system"}),
}


def relations(actor: Actor, thing: Thing) -> frozenset[str]:
    """How an actor stands to a thing: roles, kind of account, and the relations the thing names."""
    held = set(actor.roles) | {"anyone"}
    if actor.kind != "person":
        held |= {actor.kind}
    if thing.public:
        held.add("public")
    if actor.id in thing.owners:
        held.add("owner")
    if thing.subject is not None and actor.id == thing.subject:
        held.add("subject")
    for name, people in (("manager", thing.managers), ("chain", thing.chain), ("member", thing.members)):
        if actor.id in people:
            held.add(name)
    return frozenset(held)


def in_scope(actor: Actor, service: str, writing: bool) -> bool:
    """Whether the actor's token reaches this service this way; writing includes reading."""
    enough = {EVERY_SCOPE, f"{service}:write"} | (set() if writing else {f"{service}:read"})
    return bool(enough & actor.scopes)


def allowed(actor: Actor, action: str, thing: Thing = ANYWHERE) -> bool:
    """Whether the policy allows it. An action the policy does not know is a mistake of ours: KeyError."""
    return bool(POLICY[action] & relations(actor, thing))


def check(actor: Actor, action: str, thing: Thing = ANYWHERE) -> None:
    """Pass or raise Denied, saying who could do it."""
    if not allowed(actor, action, thing):
        who = ", ".join(sorted(POLICY[action] - {"system"}))
        raise Denied(f"You may not do this ({action}); it is open to: {who}.", kind="denied")
