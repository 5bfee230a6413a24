"""`olorin` begins here: a Ctrl-C while the command line is still being imported ends it without a traceback."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType

__all__ = ["main"]


INTERRUPTED = 130
"""The exit code after a Ctrl-C: 128 and the signal's number."""


class _CtrlC:
    """Raises a KeyboardInterrupt, and remembers it: who makes a class just then raises an error of his own instead."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.came = True
        raise KeyboardInterrupt


def main() -> None:
    """Run the command line. Until it can answer a signal itself, the signal just ends the process."""
    before = signal.getsignal(signal.SIGINT)
    ctrl_c = _CtrlC()
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from olorin_pipelines import cli

    signal.signal(signal.SIGINT, ctrl_c if before is signal.default_int_handler else before)
    try:
        cli.main()
    except Exception:
        if not ctrl_c.came:
            raise
        sys.stderr.write("interrupted\n")
        sys.exit(INTERRUPTED)
    except SystemExit as stop:
        if sys.argv[1:2] in (["diff"], ["check"]) and isinstance(stop.code, int):
            _leave(stop.code)
        raise


def _leave(code: int) -> None:
    """End at once: to take two large documents apart, object by object, would cost a fifth of the whole comparison."""
    with suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
