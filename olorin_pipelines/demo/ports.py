"""Which ports does the embedded world use? Configured ones are checked, 0 becomes a free one."""

from __future__ import annotations

import socket

from olorin_pipelines.errors import SupervisorError

__all__ = ["claim", "free_port", "in_use"]

LOOPBACK = "127.0.0.1"


def free_port() -> int:
    """Return a loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def in_use(port: int) -> bool:
    """Tell whether somebody holds the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return True
        return False


def claim(name: str, port: int) -> int:
    """Return `port`, or a free one for 0. Raises `SupervisorError` naming the key when it is in use."""
    if port == 0:
        return free_port()
    if in_use(port):
        raise SupervisorError(
            f"port {port} ({name}) is in use",
            hint=f"stop what listens there (`ss -ltnp 'sport = :{port}'`), or set OLORIN__PORTS__{name.upper()}=0",
        )
    return port
