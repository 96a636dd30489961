"""`python -m deploy.local` runs docker-compose.yml on this machine until Ctrl-C; `--help` tells its options."""

import argparse
import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

from deploy import environment
from deploy.debian import Unavailable
from deploy.kafka.broker import why_unavailable
from deploy.local import compose
from deploy.local.processes import ROOT
from deploy.local.running import Failed, Local

COMPOSE = ROOT / "docker-compose.yml"


def main() -> int:
    """Start everything, say where it answers, and wait."""
    asked = _asked()
    folder = Path(asked.data).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    file = Path(asked.env_file) if asked.env_file else folder / ".env"
    environment.write(file)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        local = _prepared(folder, {**compose.variables(file), **_overridden()}, asked)
        return _run(local, stop)
    except (compose.ComposeError, Failed, Unavailable) as fault:
        _say(f"error: {fault}")
        return 1


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("--data", default=".cairn-distributed", help="where databases, logs and the .env are kept")
    parser.add_argument("--env-file", help="another .env than the one in the data folder")
    parser.add_argument("--profile", action="append", default=[], help="core is always there; e.g. observability")
    parser.add_argument("--scale", action="append", default=[], metavar="SERVICE=N", help="so many instances of it")
    return parser.parse_args()


def _overridden() -> dict[str, str]:
    """Variables of the shell win over the .env, as with Docker Compose."""
    return {name: value for name, value in os.environ.items() if name.startswith("CAIRN_")}


def _prepared(folder: Path, variables: dict[str, str], asked: argparse.Namespace) -> Local:
    subprocess.run(["sh", str(ROOT / "deploy/kafka/fetch.sh")], check=False)
    if reason := why_unavailable():
        raise compose.ComposeError(reason)
    containers = compose.read(COMPOSE, variables, {"core", *asked.profile})
    scale = {name: count for name, _, count in (pair.partition("=") for pair in asked.scale)}
    if unknown := scale.keys() - containers.keys():
        raise compose.ComposeError(
            f"There is no service {', '.join(sorted(unknown))}; there are {', '.join(containers)}."
        )
    if wrong := [pair for pair in asked.scale if not re.fullmatch(r"[\w-]+=[1-9]\d?", pair)]:
        raise compose.ComposeError(f"--scale {wrong[0]}: say SERVICE=NUMBER, such as goals-worker=2.")
    return Local(containers, folder, {name: int(count) for name, count in scale.items()}, say=_say)


def _run(local: Local, stop: threading.Event) -> int:
    try:
        local.up()
        _say(_welcome(local))
        ended = local.watch(stop.is_set)
        if ended is not None:
            _say(f"{ended.place.name} has ended:\n{ended.tail()}")
        return int(ended is not None)
    finally:
        local.down()


def _welcome(local: Local) -> str:
    """Where things are, and how to get in."""
    address = local.containers["edge"].ports[0].rsplit(":", 1)[0]
    ports = {"prometheus": 9090, "alertmanager": 9093}
    watching = {name: local.addresses()[name][0] for name in ports if name in local.containers}
    return "\n".join(
        [
            f"Cairn answers on http://{address}; Ctrl-C ends everything.",
            *[f"{name} answers on http://{host}:{ports[name]}" for name, host in watching.items()],
            f"Logs, data and the mails that were sent (mail/mails) are in {local.folder}.",
            "A first token, for an admin who is HR as well:",
            f"  CAIRN_GATEWAY_DATABASE_URL_FILE={_url_file(local)} \\",
            f"  {sys.executable} -m cairn token --service-account setup --role admin --role hr",
        ]
    )


def _url_file(local: Local) -> Path:
    """The URL of the gateway's database, with its password, for its owner's eyes only."""
    path = local.folder / "gateway-database-url"
    path.touch(0o600)
    web = next(one for one in local.instances.values() if one.place.container.name == "gateway-web")
    path.write_text(web.process.environment["CAIRN_GATEWAY_DATABASE_URL"])
    return path


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
