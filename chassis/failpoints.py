"""Named places where a test may stop the process dead, as a crash would.

Without `CAIRN_FAILPOINT` they cost one dictionary lookup and do nothing. `name:kill@3` kills this process with
SIGKILL the third time it passes that place. `cairn up`, `web` and `worker` warn in their log when it is set.
"""

import os
import signal
import threading

_passed: dict[str, int] = {}
_lock = threading.Lock()


def failpoint(name: str) -> None:
    """Die here if the environment asks for it."""
    armed = os.environ.get("CAIRN_FAILPOINT")
    if armed is None:
        return
    wanted, _, action = armed.partition(":")
    if wanted != name:
        return
    with _lock:
        _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] == int(action.partition("@")[2] or 1):
        os.kill(os.getpid(), signal.SIGKILL)
