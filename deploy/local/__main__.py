"""`python -m deploy.local` runs docker-compose.yml on this machine until Ctrl-C; `--help` tells its options."""

import argparse
import os
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
    scale = dict(pair.split("=", 1) for pair in asked.scale)
    if unknown := scale.keys() - containers.keys():
        raise compose.ComposeError(f"There is no service {', '.join(sorted(unknown))}.")
    return Local(containers, folder, {name: int(count) for name, count in scale.items()}, say=_say)


def _run(local: Local, stop: threading.Event) -> int:
    try:
        local.up()
        address = local.containers["edge"].ports[0].rsplit(":", 1)[0]
        _say(f"Cairn answers on http://{address}; logs are in {local.folder}; Ctrl-C ends everything.")
        ended = local.watch(stop.is_set)
        if ended is not None:
            _say(f"{ended.place.name} has ended:\n{ended.tail()}")
        return int(ended is not None)
    finally:
        local.down()


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())
