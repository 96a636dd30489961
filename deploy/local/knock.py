"""`python -m deploy.local.knock HOST PORT` ends with 0 if somebody listens there."""

import socket
import sys


def listens(host: str, port: int) -> bool:
    """Whether a connection is taken within three seconds."""
    try:
        socket.create_connection((host, port), timeout=3).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    sys.exit(not listens(sys.argv[1], int(sys.argv[2])))
