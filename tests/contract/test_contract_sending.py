"""What is under way at once, what waits for what, and in which order is it told? And when one connection is enough."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from olorin_pipelines.contract import lanes as of_lanes
from olorin_pipelines.contract.corpus import Entry, Link, send_again
from olorin_pipelines.contract.guard import OPEN, guarded
from olorin_pipelines.contract.lanes import Lanes
from olorin_pipelines.contract.recorded import Recorded
from olorin_pipelines.contract.request import Request
from olorin_pipelines.contract.sending import TURNS, Sender
from olorin_pipelines.contract.wire import Answer, Wire

BUSY = Answer(status=429, headers={"retry-after": "7"})


class Service:
    """Connections to a service that exists in a list of what happened: `+/x` was sent, `-/x` its answer read.

    `answers` are those of a path, one after the other; then, and to all others, 200.
    """

    def __init__(self, answers: dict[str, list[Answer]] | None = None) -> None:
        self.happened: list[str] = []
        self.answers = answers or {}

    def connection(self) -> Any:
        return _Scripted(self)

    @property
    def most(self) -> int:
        """How many requests were under way at once."""
        return max(accumulate(1 if each[0] == "+" else -1 for each in self.happened), default=0)


class _Scripted:
    base, site = "", "http://h"

    def __init__(self, service: Service) -> None:
        self._service, self._asked = service, ""

    def send(self, _method: str, target: str, _headers: Any, _body: bytes) -> None:
        assert not self._asked, "one connection has one request under way"
        self._asked = target
        self._service.happened.append(f"+{target}")

    def receive(self) -> Answer:
        target, self._asked = self._asked, ""
        self._service.happened.append(f"-{target}")
        answers = self._service.answers.get(target)
        return answers.pop(0) if answers else Answer(status=200, body=b'{"id": "of-this-run"}')

    def answers(self, *, within: float) -> bool:
        return within > 0

    def close(self) -> None:
        self._asked = ""


def sender_of(service: Service, *, connections: int = 2, **more: Any) -> tuple[Sender, list[str]]:
    """A sender, and the paths of what it has handed on."""
    told: list[str] = []

    def take(_line: bytes, each: Recorded) -> None:
        told.append(each.exchange.path)

    return Sender(Lanes(*(service.connection() for _ in range(connections))), {}, take, **more), told


def reading(path: str) -> Request:
    return Request(operation=f"GET {path}", method="GET", path=path)


def changing(path: str) -> Request:
    return Request(operation=f"POST {path}", method="POST", path=path)


def test_the_next_request_is_there_before_the_first_is_answered() -> None:
    service = Service()
    sender, told = sender_of(service)
    for path in ("/1", "/2", "/3", "/4"):
        sender.send(reading(path))
    sender.flush()
    # the second answer is read at once: it proves the second connection
    assert service.happened == ["+/1", "+/2", "-/2", "-/1", "+/3", "+/4", "-/3", "-/4"]
    assert told == ["/1", "/2", "/3", "/4"]


def test_what_changes_something_is_alone() -> None:
    service = Service()
    sender, told = sender_of(service)
    for request in (reading("/1"), reading("/2"), changing("/c"), reading("/3"), reading("/4")):
        sender.send(request)
    sender.flush()
    place = service.happened.index
    assert service.happened[place("+/c") + 1] == "-/c"
    assert max(place("-/1"), place("-/2")) < place("+/c") < min(place("+/3"), place("+/4"))
    assert told == ["/1", "/2", "/c", "/3", "/4"]


PATHS = st.lists(st.tuples(st.booleans(), st.sampled_from([200, 404, 429, 503, None])), max_size=30)


@given(asked=PATHS, connections=st.sampled_from([1, 2]))
def test_all_is_handed_on_in_order_and_as_it_came(asked: list[tuple[bool, int | None]], connections: int) -> None:
    answers = {f"/{n}": [Answer(status=status)] * TURNS for n, (_, status) in enumerate(asked)}
    service = Service(answers)
    sender, told = sender_of(service, connections=connections, sleep=lambda _: None)
    done: list[int | None] = []
    for number, (changes, _) in enumerate(asked):
        sender.send((changing if changes else reading)(f"/{number}"), lambda answer: done.append(answer.status))
    sender.flush()
    assert told == [f"/{n}" for n in range(len(asked))]
    assert done == [status for _, status in asked]
    assert service.most <= connections


def test_a_refusal_for_now_is_waited_for_and_the_answer_beside_it_is_read_before() -> None:
    service = Service({"/1": [BUSY]})

    def slept(seconds: float) -> None:
        service.happened.append(f"-waited {seconds:.0f}")

    sender, told = sender_of(service, sleep=slept)
    for path in ("/0", "/00", "/1", "/2", "/3", "/4"):
        sender.send(reading(path))
    sender.flush()
    refused = service.happened[service.happened.index("+/1") :]
    assert refused[:6] == ["+/1", "+/2", "-/1", "-/2", "-waited 7", "+/1"], "the pause is not counted to the second"
    assert told == ["/0", "/00", "/1", "/2", "/3", "/4"]


def test_both_that_are_under_way_may_be_refused_and_then_one_is_asked_at_a_time() -> None:
    service = Service({"/1": [BUSY, BUSY], "/2": [BUSY]})
    waits: list[float] = []
    sender, told = sender_of(service, sleep=waits.append)
    statuses: list[int | None] = []
    for path in ("/1", "/2", "/3"):
        sender.send(reading(path), lambda answer: statuses.append(answer.status))
    sender.flush()
    assert (told, statuses, waits) == (["/1", "/2", "/3"], [200] * 3, [7.0] * 3)
    assert (service.happened.count("+/1"), service.happened.count("+/2")) == (3, 2)


def test_a_service_that_refuses_for_ever_gets_one_request_at_a_time() -> None:
    service = Service({f"/{n}": [BUSY] * TURNS for n in range(20)})
    sender, _ = sender_of(service, sleep=lambda _: None)
    for number in range(20):
        if sender.patience.lost:
            break
        sender.send(reading(f"/{number}"))
    sender.flush()
    assert sender.patience.lost
    assert len(service.happened) < 30
    assert all(
        asked[1:] == read[1:] for asked, read in zip(service.happened[6::2], service.happened[7::2], strict=True)
    )


def test_a_value_of_an_earlier_answer_is_waited_for() -> None:
    def entry(path: str, *links: Link) -> Entry:
        return Entry(operation=f"GET {path}", method="GET", path=path, links=links, good=True)

    service = Service()
    sender, told = sender_of(service)
    entries = [entry("/0"), entry("/1"), entry("/a"), entry("/b/old", Link("path", "2", 2, "/id")), entry("/c")]
    done = send_again(entries, sender, credentials=(), seconds=60)
    assert done.sent == 5
    assert told == ["/0", "/1", "/a", "/b/of-this-run", "/c"]
    assert service.happened.index("-/a") < service.happened.index("+/b/of-this-run")


@pytest.mark.parametrize(
    ("method", "good", "changes"),
    [
        *(("GET", True, False), ("HEAD", True, False), ("POST", True, True), ("POST", False, False)),
        *(("DELETE", True, True), ("DELETE", False, False), ("QUERY", True, True)),
    ],
)
def test_what_was_refused_when_it_was_recorded_changes_nothing(method: str, good: bool, changes: bool) -> None:
    assert Entry(operation=f"{method} /x", method=method, path="/x", good=good).changes is changes
    assert Request(operation=f"{method} /x", method=method, path="/x").changes is (method not in ("GET", "HEAD"))


ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def with_one_thread(most: int = 1_000) -> Iterator[tuple[str, list[str]]]:
    """A service that serves a connection until it is closed, and then the next; gives its address and what it read.

    From the connection with the number `most` on it closes each without reading.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    read: list[str] = []

    def serve() -> None:
        with suppress(OSError):
            for number in range(10_000):
                with listener.accept()[0] as connection, suppress(OSError):
                    while number < most and (data := connection.recv(65_536)):
                        read.append(data.split(b" ")[1].decode())
                        connection.sendall(ANSWER)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", read
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def ten_over(url: str) -> list[int | None]:
    statuses: list[int | None] = []
    with closing(Lanes(Wire(url, timeout=20), Wire(url, timeout=20))) as lanes:
        sender = Sender(lanes, {}, lambda *_: None)
        for number in range(10):
            sender.send(reading(f"/{number}"), lambda answer: statuses.append(answer.status))
        sender.flush()
    return statuses


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_lanes, "SECOND_SECONDS", 0.1)


@pytest.mark.usefixtures("soon")
def test_a_service_with_one_thread_is_asked_over_one_connection() -> None:
    with with_one_thread() as (url, read):
        assert ten_over(url) == [200] * 10
    assert read[:10] == [f"/{n}" for n in range(10)], "a connection that was given up may be read at the end"


@pytest.mark.usefixtures("soon")
def test_a_service_that_closes_a_second_connection_is_asked_over_one() -> None:
    with with_one_thread(most=1) as (url, _):
        assert ten_over(url) == [200] * 10


@pytest.mark.usefixtures("soon")
def test_behind_the_guard_a_service_with_one_thread_is_asked_over_one_connection() -> None:
    """The guard itself opens a second connection to the service, and keeps it."""
    with with_one_thread() as (url, _), guarded(url, OPEN) as guard:
        assert ten_over(guard.url) == [200] * 10


def test_the_guard_lets_two_connections_through_and_counts_both(service: Any, headers: dict[str, str]) -> None:
    with guarded(service.url, OPEN) as guard:
        with closing(Lanes(Wire(guard.url, timeout=10), Wire(guard.url, timeout=10))) as lanes:
            statuses: list[int | None] = []
            sender = Sender(lanes, headers, lambda *_: None)
            for _ in range(50):
                sender.send(reading("/items"), lambda answer: statuses.append(answer.status))
            sender.flush()
        assert statuses == [200] * 50
        assert guard.counts().passed == 50


def test_two_are_really_under_way_at_once() -> None:
    """Each waits for the other: over one connection both would wait for ever."""
    both = threading.Barrier(2, timeout=20)
    with in_threads(both.wait) as url, closing(Lanes(Wire(url, timeout=30), Wire(url, timeout=30))) as lanes:
        sender = Sender(lanes, {}, lambda *_: None)
        for number in range(2):
            sender.send(reading(f"/{number}"))
        sender.flush()
        assert sender.unanswered == {}


@contextmanager
def in_threads(before: Callable[[], object]) -> Iterator[str]:
    """A service with a thread for each connection, which does `before` and then answers."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError, threading.BrokenBarrierError):
            while connection.recv(65_536):
                before()
                connection.sendall(ANSWER)

    def accept() -> None:
        with suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
