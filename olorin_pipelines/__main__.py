"""`olorin` begins here: a Ctrl-C while the command line is still being imported ends it without a traceback."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

__all__ = ["main"]


def main() -> None:
    """Run the command line. Until it can answer a signal itself, the signal just ends the process."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from olorin_pipelines import cli

    signal.signal(signal.SIGINT, before)
    try:
        cli.main()
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
