"""What does a burst do to users? A version that stops accepting for a moment, and the bounds of its cluster."""

from __future__ import annotations

import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from delivery_world import SERVICE

from olorin_pipelines.config import EnvoyRoute
from olorin_pipelines.delivery.envoy import documents
from olorin_pipelines.delivery.model import Backend
from olorin_pipelines.delivery.probe import probe

ANSWER = b"HTTP/1.1 200 OK\r\nX-Service-Version: 2.1.0\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Stalled:
    """A listener whose queue is short, and that accepts nobody, until it is `freed`."""

    def __init__(self) -> None:
        self.freed = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.backend = Backend("2.1.0", f"http://127.0.0.1:{self._socket.getsockname()[1]}")
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        self.freed.wait(20)
        self._socket.listen(128)
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                connection.recv(65536)
                connection.sendall(ANSWER)

    def close(self) -> None:
        self.freed.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._socket.close()


@pytest.mark.slow
def test_a_version_that_stalls_for_a_moment_costs_no_user_an_answer(envoy, router, desired):
    """Connections that its queue has no room for are lost, and tried again by the system after 1 s, then 3 s."""
    stalled = Stalled()
    try:
        state = replace(desired, stable=stalled.backend, candidate=None, weight=0)
        router.confirm(router.apply(state), within=5)
        threading.Timer(1.2, stalled.freed.set).start()
        with ThreadPoolExecutor(20) as users:
            answers = list(users.map(lambda _: probe(f"{envoy.url}/", timeout=15), range(20)))
        assert [answer.status for answer in answers] == [200] * 20
    finally:
        stalled.close()


def test_what_is_allowed_stands_in_the_cluster_of_users_and_of_samples():
    allowed = EnvoyRoute(connect_seconds=2.5, connections=10, waiting=30)
    both = documents.clusters(SERVICE, [Backend("1", "http://127.0.0.1:1")], "v", pinned=True, allowed=allowed)
    assert len(both["resources"]) == 2
    for cluster in both["resources"]:
        assert cluster["connect_timeout"] == "2.5s"
        [bounds] = cluster["circuit_breakers"]["thresholds"]
        assert (bounds["max_connections"], bounds["max_pending_requests"], bounds["max_requests"]) == (10, 30, 40)
