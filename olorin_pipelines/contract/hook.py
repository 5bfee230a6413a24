"""Does Schemathesis wait when the service asks it to? Loaded by it, in its own process, from the path of this file.

What was refused is sent again after the suite, by ourselves; here nothing is but waited, or the run ended.
"""

from __future__ import annotations

import importlib
import os
import signal
import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from olorin_pipelines.access.patience import Patience, asked_to_wait

__all__ = ["UNTIL", "register"]

UNTIL = "OLORIN_UNTIL"
"""The variable that holds the end of the run, in seconds since the epoch."""


class _Answer(Protocol):
    status_code: int
    headers: Mapping[str, Sequence[str]]


def register(until: float) -> None:
    """Have Schemathesis wait as long as an answer asks for, and end with what it found when all it gets is refusals."""
    schemathesis: Any = importlib.import_module("schemathesis")  # only in its own process
    patience = Patience()

    def after_call(context: object, case: Any, response: _Answer) -> None:
        del context
        said = response.headers.get("retry-after") or ("",)
        asked = asked_to_wait(response.status_code, said[0])
        wait = patience.take(case.operation.label, asked, left=until - time.time())
        if wait is not None:
            time.sleep(wait)
        elif patience.lost:
            # Raised where requests are made: what was done until then is still reported. A signal interrupts the
            # thread that reports, which may then forget it, and is of no use where signals are ignored.
            raise KeyboardInterrupt

    schemathesis.hook(after_call)


if UNTIL in os.environ:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # handed on by a shell that starts us in the background
        signal.signal(signal.SIGINT, signal.default_int_handler)
    register(float(os.environ[UNTIL]))
