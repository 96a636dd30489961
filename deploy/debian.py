"""Programs of Debian packages, installed where that may be done: as root on a machine that has apt-get."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_POLICY = Path("/usr/sbin/policy-rc.d")


class Unavailable(Exception):
    """A program is missing and cannot be installed; the text says which."""


def program(name: str, package: str) -> str:
    """The path of a program, its package installed if it is missing. Raises Unavailable."""
    if found := _find(name):
        return found
    install(package)
    if found := _find(name):
        return found
    raise Unavailable(f"{name} is not there even after installing {package}")


def install(package: str) -> None:
    """Install a package without starting the services it may bring. Raises Unavailable."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Unavailable(f"{package} is not installed; install it, on Debian with: apt-get install {package}")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _nothing_started():
        for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", package]):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Unavailable(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")


def _find(name: str) -> str | None:
    # Servers lie where only root's PATH may look.
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def _nothing_started() -> Iterator[None]:
    """Debian asks this file whether a package may start its service; one that is there already stays."""
    if _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
