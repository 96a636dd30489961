"""Looking after a Cairn: schema, topics, tokens, status, parked events, copies and contracts."""

from pathlib import Path

import click

from cairn import connect, topology
from cairn.cli.shared import PART, SERVICE, Away, Failed, Refused, Usage, settings


@click.command()
@click.argument("parts", nargs=-1, type=PART)
def migrate(parts: tuple[str, ...]) -> None:
    """Bring the databases of PARTS (default: all) to the newest schema. Safe to run again, and by several at once."""
    chosen = settings()
    for name in parts or topology.PARTS:
        connect.migrated(chosen, name).db.dispose()
        click.echo(f"{name}: up to date")


@click.group()
def topics() -> None:
    """The topics on the bus."""


@topics.command("apply")
def apply_topics() -> None:
    """Create the topics that are missing; existing ones stay as they are."""
    from chassis.bus import BusError
    from contracts.registry import TOPICS

    chosen = settings()
    bus = connect.bus(chosen, "topics")
    try:
        bus.ensure_topics(TOPICS, chosen.partitions)
    except BusError as fault:
        raise Away(f"The bus is not there: {fault}") from fault
    finally:
        bus.close()
    for topic in TOPICS:
        click.echo(f"{chosen.topic_prefix}{topic}: there")


@click.command()
@click.argument("who", metavar="EMAIL|NAME")
@click.option("--service-account", is_flag=True, help="WHO is the name of a service account, made if it is new.")
@click.option(
    "--role", "roles", multiple=True, type=click.Choice(["hr", "admin", "auditor"]), help="For service accounts."
)
@click.option(
    "--scope", "scopes", multiple=True, default=("*",), help="`*`, or SERVICE:read / SERVICE:write; several allowed."
)
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it is valid.")
def token(who: str, service_account: bool, roles: tuple[str, ...], scopes: tuple[str, ...], days: int) -> None:
    """Issue an API token for the person with this EMAIL, or for a service account. It is shown once.

    \b
    cairn token ana.lima@example.com
    cairn token --service-account hr-sync --scope people:write --days 365
    """
    from chassis.problems import Problem
    from gateway.signin import tokens

    gateway = connect.runtime(settings(), "gateway")
    try:
        if service_account:
            secret = tokens.issue_service_account(gateway, who, roles=roles, scopes=scopes, days=days)
        else:
            secret = tokens.issue_for_email(gateway, who, scopes=scopes, days=days)
    except Problem as fault:
        raise Refused(fault.detail) from fault
    finally:
        gateway.db.dispose()
    click.echo(secret)


@click.command()
def keygen() -> None:
    """Print a fresh key pair for CAIRN_INTERNAL_PRIVATE_KEY (gateway) and CAIRN_INTERNAL_PUBLIC_KEYS (services)."""
    from chassis.identity import generate_keys

    private, public = generate_keys()
    click.echo(f"CAIRN_INTERNAL_PRIVATE_KEY='{private}'\nCAIRN_INTERNAL_PUBLIC_KEYS='{public}'")


@click.command()
def status() -> None:
    """Show every part: whether it answers, what waits in its outbox, its lag, what is parked."""
    from cairn.condition import conditions, table

    found = conditions(settings())
    click.echo(table(found))
    if any(condition.trouble for condition in found):
        raise Failed("Something needs attention; docs/operations.md says what to do.")


@click.group()
def parked() -> None:
    """Events that could not be handled and wait in a service's dead letters."""


@parked.command("list")
@click.argument("parts", nargs=-1, type=PART)
def list_parked(parts: tuple[str, ...]) -> None:
    """List what is parked, oldest first."""
    from chassis.parking import parked as letters

    chosen = settings()
    for name in parts or topology.PARTS:
        part = connect.runtime(chosen, name)
        with part.db.reading() as session:
            for row in letters(session):
                place = f"{name}  #{row.id}  {row.parked_at:%Y-%m-%d %H:%M}"
                click.echo(f"{place}  {row.type}  {row.key}  {row.reason}: {row.detail}")
        part.db.dispose()


@parked.command("retry")
@click.argument("part", type=PART)
@click.option("--key", help="Only this aggregate.")
def retry_parked(part: str, key: str | None) -> None:
    """Handle the parked events of PART again, per aggregate in order, after the cause was mended."""
    from chassis.consumer import retry_parked as retry
    from chassis.parking import parked as letters

    runtime = connect.runtime(settings(), part)
    with runtime.db.reading() as session:
        aggregates = dict.fromkeys((row.topic, row.key) for row in letters(session, 10_000) if key in (None, row.key))
    left = 0
    for topic, aggregate in aggregates:
        done, still = retry(runtime, topic, aggregate)
        click.echo(f"{aggregate}: {done} handled, {still} still parked")
        left += still
    runtime.db.dispose()
    if left:
        raise Failed("Some events still cannot be handled; `cairn parked list` says why.")


@parked.command("drop")
@click.argument("part", type=PART)
@click.argument("number", type=int)
@click.confirmation_option(prompt="The event will never be handled here. Drop it?")
def drop_parked(part: str, number: int) -> None:
    """Give one parked event up for good, by its NUMBER in the list."""
    from chassis.parking import drop

    runtime = connect.runtime(settings(), part)
    with runtime.db.writing() as session:
        found = drop(session, number)
    runtime.db.dispose()
    if not found:
        raise Usage(f"{part} has no parked event #{number}; see `cairn parked list {part}`")


@click.command()
@click.argument("service", type=SERVICE)
def republish(service: str) -> None:
    """Publish the present state of everything SERVICE owns, for copies that lost something."""
    from cairn.copies import republish as publish

    click.echo(f"{service}: {len(publish(settings(), service))} events published")


@click.command()
@click.argument("part", type=click.Choice(["gateway"]))
@click.option("--timeout", default=600, show_default=True, help="Seconds to wait for the copy to be complete.")
def rebuild(part: str, timeout: int) -> None:
    """Rebuild the gateway's read model from what the services republish. Reads are answered meanwhile."""
    from cairn.copies import Unfinished, rebuild_gateway

    try:
        counts = rebuild_gateway(settings(), timeout, click.echo)
    except Unfinished as fault:
        raise Away(str(fault)) from fault
    click.echo(f"{part}: rebuilt from {counts} events")


@click.group()
def contracts() -> None:
    """The generated documents: event schemas, AsyncAPI, OpenAPI, docs/events.md."""


@contracts.command("write")
def write_contracts() -> None:
    """Write them anew from the code."""
    from cairn.documents import write

    for path in write(Path.cwd()):
        click.echo(f"written: {path}")


@contracts.command("check")
def check_contracts() -> None:
    """Fail if they differ from the code, or if the code breaks what was released."""
    from cairn.documents import check

    if differences := check(Path.cwd()):
        raise Failed(
            "\n".join([*differences, "Run `cairn contracts write` and commit, or keep the change compatible."])
        )
    click.echo("The contracts say what the code does.")
