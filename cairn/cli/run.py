"""Starting Cairn: all of it embedded, or one role of the distributed topology."""

import os
import signal
import threading
from datetime import timedelta
from typing import Any

import click

from cairn.cli.shared import PART, Away, Usage, settings


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
    try:
        with embedded.only_one(chosen):
            cairn = embedded.Embedded(chosen)
            cairn.start()
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
    """Run the web processes of one PART under gunicorn."""
    from cairn import web as server
    from cairn.connect import NotReady
    from chassis import logs

    chosen = settings(host=host, port=port)
    logs.configure(part, chosen.log_level)
    try:
        server.serve(part, chosen)
    except NotReady as fault:
        raise Away(str(fault)) from fault


@click.command()
@click.argument("part", type=PART)
@click.option("--ops-port", type=int, help="Port for /livez, /readyz and /metrics (CAIRN_OPS_PORT).")
def worker(part: str, ops_port: int | None) -> None:
    """Run the worker of one PART: its relay, its consumer and its recurring tasks.

    SIGTERM lets it finish its unit of work, commit and leave its group.
    """
    from cairn import connect
    from chassis import logs
    from chassis.http.ops import serve_ops
    from chassis.worker import Worker

    chosen = settings(ops_port=ops_port)
    logs.configure(part, chosen.log_level)
    try:
        runtime = connect.checked(chosen, part)
    except connect.NotReady as fault:
        raise Away(str(fault)) from fault
    bus = connect.bus(chosen, f"{part}-worker")
    running = Worker(runtime, bus, outbox_kept=timedelta(days=chosen.outbox_retention_days))
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    running.start()
    ops = serve_ops(chosen.ops_port, live=lambda: True, ready=lambda: list(running.faults.values()), host=chosen.host)
    stop.wait()
    running.stop()
    ops.close()
    bus.close()
