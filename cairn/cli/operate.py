"""Looking after a Cairn: schema, topics, tokens, keys and copies."""

import click

from cairn import connect, topology
from cairn.cli.shared import PART, SERVICE, Away, Refused, Usage, asking, opened, settings


@click.command()
@click.argument("parts", metavar="[PART]...", nargs=-1, type=PART)
def migrate(parts: tuple[str, ...]) -> None:
    """Bring the databases of PARTS (default: all) to the newest schema. Safe to run again, and by several at once."""
    chosen = settings()
    for name in parts or topology.PARTS:
        with asking(f"The database of {name}"):
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
    try:
        bus = connect.bus(chosen, "topics")
        try:
            bus.ensure_topics(TOPICS, chosen.partitions)
        finally:
            bus.close()
    except BusError as fault:
        where = f"CAIRN_KAFKA={chosen.kafka}" if chosen.kafka else f"CAIRN_DATA={chosen.data}"
        raise Away(f"The bus is not there ({where}): {fault}") from fault
    for topic in TOPICS:
        click.echo(f"{chosen.topic_prefix}{topic}: there")


@click.command()
@click.argument("who", metavar="EMAIL|NAME")
@click.option("--service-account", is_flag=True, help="NAME is that of a service account, made if it is new.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice(["hr", "admin", "auditor"]),
    help="What the service account may do; several allowed.",
)
@click.option(
    "--scope", "scopes", multiple=True, default=("*",), help="`*`, or SERVICE:read / SERVICE:write; several allowed."
)
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="How long it is valid.")
def token(who: str, service_account: bool, roles: tuple[str, ...], scopes: tuple[str, ...], days: int) -> None:
    """Issue an API token for the person with this EMAIL, or for a service account. It is shown once.

    \b
    cairn token ana.lima@example.com
    cairn token --service-account hr-sync --role hr --scope people:write --days 365
    """
    from chassis.problems import Problem
    from gateway.signin import tokens

    if roles and not service_account:
        raise Usage("--role is for service accounts; what a person may do stands with the person. Leave it out.")
    with opened("gateway") as gateway:
        try:
            if service_account:
                secret = tokens.issue_service_account(gateway, who, roles=roles, scopes=scopes, days=days)
            else:
                secret = tokens.issue_for_email(gateway, who, scopes=scopes, days=days)
        except Problem as fault:
            raise Refused("\n".join([item.detail for item in fault.faults] or [fault.detail])) from fault
    click.echo(secret)


@click.command()
def keygen() -> None:
    """Print a fresh key pair for CAIRN_INTERNAL_PRIVATE_KEY (gateway) and CAIRN_INTERNAL_PUBLIC_KEYS (services).

    The lines are for an env file or a shell. Whoever has the private key can act as anybody: give it to the gateway
    only, and each service the public keys.
    """
    from chassis.identity import generate_keys

    private, public = generate_keys()
    click.echo(f"CAIRN_INTERNAL_PRIVATE_KEY='{private}'\nCAIRN_INTERNAL_PUBLIC_KEYS='{public}'")


@click.command()
@click.argument("service", type=SERVICE)
def republish(service: str) -> None:
    """Publish the present state of everything SERVICE owns, for copies that lost something.

    Copies that have the state already ignore it. The events go into the outbox; the service's worker sends them.
    """
    from cairn.copies import republish as publish

    with asking("The database"):
        click.echo(f"{service}: {len(publish(settings(), service))} events for its worker to publish")


@click.command()
@click.argument("parts", metavar="[PART]...", nargs=-1, type=PART)
@click.option("--dry-run", is_flag=True, help="Only say what would be sent again.")
def reconcile(parts: tuple[str, ...], dry_run: bool) -> None:
    """Find what PARTS (default: all) have published and the bus has lost, and send it again.

    For a bus that lost what it had acknowledged: a broker's disk, a topic deleted, a cluster made anew. Every outbox
    is compared with its topics, and with what each reader has received. Readers drop what they have already.
    """
    from cairn.copies import lost, send_again
    from chassis.bus import BusError

    chosen = settings()
    try:
        with asking():
            found = lost(chosen, parts or topology.PARTS, click.echo)
    except BusError as fault:
        raise Away(f"The bus cannot be read ({chosen.kafka or chosen.data}): {fault}") from fault
    count = sum(map(len, found.values()))
    if count and not dry_run:
        with asking():
            send_again(chosen, found)
    click.echo(f"{count} events {'would be' if dry_run else 'are'} sent again." if count else "Nothing is missing.")


@click.command()
@click.argument("part", type=click.Choice(["gateway"]))
@click.option(
    "--timeout",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    default=600,
    show_default=True,
    help="How long to wait for the copy to be complete.",
)
def rebuild(part: str, timeout: int) -> None:
    """Rebuild the gateway's read model from what the services republish. Reads are answered meanwhile.

    Workers must be running: they carry the events. Rows nobody owns any more are removed at the end, only once
    everything else has arrived; until then, and if it stops early, nothing is lost.
    """
    from cairn.copies import Unfinished, rebuild_gateway

    try:
        with asking("A database"):
            counts = rebuild_gateway(settings(), timeout, click.echo)
    except Unfinished as fault:
        raise Away(str(fault)) from fault
    click.echo(f"{part}: rebuilt from {counts} events")
