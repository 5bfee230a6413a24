"""A version in a process of its own, to be killed: fault_backend.py VERSION prints its URL."""

from __future__ import annotations

import sys
import threading

from delivery_world import TinyBackend

if __name__ == "__main__":
    sys.stdout.write(TinyBackend(sys.argv[1]).backend.url + "\n")
    sys.stdout.flush()
    threading.Event().wait()
