"""Who ends the guard's Envoy? A process that does nothing else: `python -I -S warden.py SECONDS FOLDER COMMAND…`.

It ends Envoy when its standard input ends (whoever asked for the guard closed it, or died), when the time is up and
when it is told to; then it removes the folder. Envoy dies with it, also where it is killed (Linux). Only the standard
library: it is started for each guard.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import threading

__all__: list[str] = []

_PR_SET_PDEATHSIG = 1
_GRACE = 1.0


def _main(seconds: float, folder: str, command: list[str]) -> int:
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, preexec_fn=_die_with_parent(os.getpid()))
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: child.terminate())
    threading.Thread(target=_kill_at_the_end_of_input, args=(child,), daemon=True).start()
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _end(child)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


def _kill_at_the_end_of_input(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        continue
    _end(child)


def _end(child: subprocess.Popen[bytes]) -> None:
    child.terminate()  # it closes its listener at once, and writes its log
    try:
        child.wait(timeout=_GRACE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with_parent(parent: int):  # type: ignore[no-untyped-def]
    """Return what runs in the child before Envoy does, None where the system has no such thing."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)

    def run() -> None:
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return run


if __name__ == "__main__":
    sys.exit(_main(float(sys.argv[1]), sys.argv[2], sys.argv[3:]))
