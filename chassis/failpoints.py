"""Named places where a test may stop the process dead, as a crash would, or hold it up.

Without `CAIRN_FAILPOINT` they cost one dictionary lookup and do nothing. `name:kill@3` kills this process with
SIGKILL the third time it passes that place, `name:hang@3` lets the thread stand still there for good, `name:pause@3`
holds it up for three seconds every time. `cairn up`, `web` and `worker` warn in their log when it is set.
"""

import os
import signal
import threading

_passed: dict[str, int] = {}
_lock = threading.Lock()


def failpoint(name: str) -> None:
    """Die or wait here if the environment asks for it."""
    armed = os.environ.get("CAIRN_FAILPOINT")
    if armed is None:
        return
    wanted, _, action = armed.partition(":")
    if wanted != name:
        return
    what, _, number = action.partition("@")
    with _lock:
        _passed[name] = _passed.get(name, 0) + 1
    if what == "pause":
        threading.Event().wait(float(number))
    elif _passed[name] == int(number or 1):
        threading.Event().wait() if what == "hang" else os.kill(os.getpid(), signal.SIGKILL)
