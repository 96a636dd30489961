"""Starting Cairn: all of it embedded, or one role of the distributed topology."""

import json
import logging
import os
import signal
import socket
import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from cairn import topology
from cairn.cli.shared import PART, Usage, asking, opened, settings
from cairn.memory import leave_what_is_loaded
from chassis.settings import Settings, SettingsError

if TYPE_CHECKING:
    from chassis.service import Runtime

log = logging.getLogger(__name__)


@click.command()
@click.option("--data", metavar="DIR", help="Where everything is kept (CAIRN_DATA). Default: .cairn")
@click.option("--host", metavar="ADDRESS", help="Address to listen on (CAIRN_HOST). Default: 127.0.0.1")
@click.option("--port", type=int, help="Port to listen on (CAIRN_PORT). Default: 8080")
@click.option(
    "--sample", is_flag=True, help="Fill an empty Cairn with a sample organisation, and say how to look at it."
)
def up(data: str | None, host: str | None, port: int | None, sample: bool) -> None:
    """Run everything in this one process, with files for databases and bus.

    Start it again on the same --data and it goes on where it was, also after a crash.
    """
    from cairn import embedded, web
    from chassis import logs

    chosen = settings(data=data, host=host, port=port)
    # A newcomer wants to see where to look, not a line for every request.
    logs.configure("cairn", chosen.log_level if "CAIRN_LOG_LEVEL" in os.environ else "WARNING")
    _warn_of_failpoint()
    try:
        with asking("A database"), embedded.only_one(chosen):
            cairn = embedded.Embedded(chosen)
            cairn.start()
            leave_what_is_loaded()
            try:
                web.serve_embedded(cairn.app, chosen.host, chosen.port, lambda: _welcome(cairn, sample))
            finally:
                cairn.stop()
    except embedded.AlreadyRunning as fault:
        raise Usage(str(fault)) from fault
    except OSError as fault:
        raise Usage(f"Cannot listen on {chosen.host}:{chosen.port}: {fault}. Choose another --port.") from fault


def _welcome(cairn: Any, sample: bool) -> None:
    """Say where to look; the sample is filled in beside the running server."""
    address = f"http://{cairn.settings.host}:{cairn.settings.port}"
    if not sample:
        click.echo(f"Cairn answers on {address}  (stop it with Ctrl-C)")
        return
    from cairn.sample import prepare

    threading.Thread(target=prepare, args=(cairn, address, click.echo), name="sample", daemon=True).start()


@click.command()
@click.argument("part", type=PART)
@click.option("--host", metavar="ADDRESS", help="Address to listen on (CAIRN_HOST).")
@click.option("--port", type=int, help="Port to listen on (CAIRN_PORT).")
def web(part: str, host: str | None, port: int | None) -> None:
    """Run the web processes of one PART under gunicorn, on a database that `cairn migrate` has prepared.

    SIGTERM lets them finish the requests at hand.
    """
    from cairn import web as server
    from chassis import logs

    chosen = settings(host=host, port=port)
    if problems := _problems(part, chosen):
        raise SettingsError(problems)
    logs.configure(part, chosen.log_level)
    _warn_of_failpoint()
    with server.shared_metrics():
        with opened(part, chosen):
            pass  # it is there and migrated, which is told better here than by every process after the fork
        _require_free(chosen.host, chosen.port, "--port")
        server.serve(part, chosen)


def _problems(part: str, chosen: Settings) -> list[str]:
    """What this part's web side cannot do without, beyond what settings are judged by alone."""
    if part != "gateway":
        return _key_problems(part, chosen)
    return _key_problems(part, chosen) + [
        f"CAIRN_{service.upper()}_URL is missing; the gateway must know where {service} answers, http://host:port."
        for service in topology.SERVICES
        if not chosen.service_url(service)
    ]


def _key_problems(part: str, chosen: Settings) -> list[str]:
    """Without any key in the settings a pair is kept in the data folder; with one, the part needs its own."""
    private, public = chosen.internal_private_key, chosen.internal_public_keys
    if not private and not public:
        return []
    if part == "gateway":
        name, good = "CAIRN_INTERNAL_PRIVATE_KEY", _signs(private or "")
    else:
        name, good = "CAIRN_INTERNAL_PUBLIC_KEYS", _verifies(public or "")
    return [] if good else [f"{name} is missing or no such key; `cairn keygen` prints a pair."]


def _signs(private: str) -> bool:
    from chassis.identity import Minter

    try:
        Minter(private)
    except ValueError:
        return False
    return True


def _verifies(public: str) -> bool:
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    try:
        return bool(KeySet.import_key_set(json.loads(public)).keys)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return False


def _require_free(host: str, port: int, option: str) -> None:
    """Say at once that a port is taken, rather than after a server's own attempts.

    Without listening: a request that came in that moment would be lost.
    """
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as fault:
        raise Usage(f"Cannot listen on {host}:{port}: {fault}. Choose another {option}.") from fault


def _warn_of_failpoint() -> None:
    if armed := os.environ.get("CAIRN_FAILPOINT"):
        log.warning("CAIRN_FAILPOINT=%s: this process dies or stands still there. It is for tests; unset it.", armed)


@click.command()
@click.argument("part", type=PART)
@click.option("--ops-port", type=int, help="Port for /livez, /readyz and /metrics (CAIRN_OPS_PORT).")
def worker(part: str, ops_port: int | None) -> None:
    """Run the worker of one PART: its relay, its consumer and its recurring tasks.

    Needs a database that `cairn migrate` has prepared and the topics of `cairn topics apply`. SIGTERM lets it finish
    its unit of work, commit and leave its group.
    """
    from chassis import logs

    chosen = settings(ops_port=ops_port)
    logs.configure(part, chosen.log_level)
    _warn_of_failpoint()
    with opened(part, chosen) as runtime:
        _work(runtime, chosen)


def _work(part: "Runtime", chosen: Settings) -> None:
    """Work until SIGTERM or SIGINT; not ready from then on, and gone once the unit of work at hand is done."""
    from cairn import connect
    from chassis.http.ops import database_ready, serve_ops
    from chassis.worker import Worker

    stop = threading.Event()
    bus = connect.bus(chosen, f"{part.service.name}-worker")
    running = Worker(part, bus, outbox_kept=timedelta(days=chosen.outbox_retention_days))

    def missing() -> list[str]:
        return [*database_ready(part), *running.faults.values(), *(["it is stopping"] if stop.is_set() else [])]

    try:
        ops = serve_ops(chosen.ops_port, live=lambda: True, ready=missing, host=chosen.host)
    except OSError as fault:
        address = f"{chosen.host}:{chosen.ops_port}"
        raise Usage(f"Cannot listen on {address}: {fault}. Choose another --ops-port.") from fault
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running.start()
    leave_what_is_loaded()
    stop.wait()
    running.stop()
    ops.close()
    bus.close()
