"""How is an instance of a service called? With what `auth:` and `http:` of the configuration say, in one place."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import structlog

from olorin_pipelines import openapi
from olorin_pipelines.access import (
    ClientCredentials,
    CommandToken,
    Connection,
    Credentials,
    Pinned,
    TokenSource,
    with_query,
)
from olorin_pipelines.config import Auth, Config, Http, Service
from olorin_pipelines.contract.guard import OPEN, READ_ONLY, Guard, GuardCounts, guarded, through
from olorin_pipelines.delivery.probe import VERSION_HEADER, Answer
from olorin_pipelines.errors import OlorinError, ToolMissing

__all__ = ["Called", "ReadOnly", "called", "connection_to", "fetch_document", "health_of", "read_only", "status_of"]

log = structlog.get_logger(__name__)

_SECONDS = 5.0
"""How long a single look may take."""

_FAILED_RENEWAL = 5.0
"""Seconds after which a token is asked for again that could not be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Where tools send their requests (`url`), with which headers and query, and what must not be seen of it.

    Behind a way of its own (TLS that is not this machine's, a proxy, a token that ends) these are stand-ins.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    pinned: Pinned
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOnly:
    """A way to an instance that lets only reading requests pass, and the credentials for it."""

    client: httpx.Client = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    pinned: Pinned
    mark: Mapping[str, str]
    guard: Guard

    def counts(self) -> GuardCounts:
        """Return what the guard let pass, and what it refused."""
        return self.guard.counts()


@contextmanager
def called(config: Config, service: Service, *, environment: str, url: str) -> Iterator[Called]:
    """Lead tools to an instance whose data may be changed, for as long as the block lasts.

    Raises `ConfigError`, and `ToolError` when no token is to be had or Envoy is needed and missing.
    """
    http = _http(service, environment)
    connection = _connection(http, config.root)
    credentials = _credentials(service.auth, connection)
    headers, pinned = credentials.headers(), _pinned(http)
    if connection.plain and not credentials.renewed and not credentials.query:
        secrets = credentials.secrets()
        yield Called(url=url, headers=headers, query={}, secrets=secrets, pinned=pinned, mark=http.synthetic_header)
        return
    with guarded(url, OPEN, connection=connection) as guard, _kept_new(guard, credentials) as stand_ins:
        query = {name: guard.stand_ins.add(value, place=f"query {name}") for name, value in credentials.query.items()}
        yield Called(
            url=guard.url,
            headers={**credentials.fixed, **stand_ins},
            query=query,
            secrets=credentials.secrets(),
            pinned=pinned,
            mark=http.synthetic_header,
        )


def connection_to(config: Config, service: Service, environment: str) -> Connection:
    """Return the connection over which a service is reached in an environment."""
    return _connection(_http(service, environment), config.root)


@contextmanager
def read_only(
    config: Config, service: Service, *, environment: str, url: str, purpose: str, log_to: Path | None = None
) -> Iterator[ReadOnly]:
    """Open a guarded way to an instance for as long as the block lasts; `purpose` is what marks its requests.

    Raises what `guarded` raises, `ConfigError`, and `ToolError` when no token is to be had.
    """
    http = _http(service, environment)
    connection = _connection(http, config.root)
    credentials = _credentials(service.auth, connection)
    headers, mark = credentials.headers(), {http.synthetic_header: purpose}
    with (
        guarded(url, READ_ONLY, mark=mark, connection=connection, log=log_to) as guard,
        through(guard, url) as client,
    ):
        yield ReadOnly(
            client=client, headers=headers, query=credentials.query, pinned=_pinned(http), mark=mark, guard=guard
        )


def fetch_document(
    config: Config, service: Service, *, environment: str, url: str, way: ReadOnly | None = None
) -> openapi.Snapshot:
    """Read the document that an instance serves, through a guarded way where there is one.

    Raises `DocumentError`, `ConfigError`, `ToolError`.
    """
    address = service.schema_url(url)
    http = _http(service, environment)
    if way is not None and address.startswith(f"{url.rstrip('/')}/"):
        return openapi.load(with_query(address, way.query), headers=way.headers, client=way.client)
    connection = _connection(http, config.root)
    credentials = _credentials(service.auth, connection)
    headers = {http.synthetic_header: "schema", **credentials.headers()}
    with connection.client() as client:
        return openapi.load(with_query(address, credentials.query), headers=headers, client=client)


def health_of(config: Config, service: Service, *, environment: str, url: str) -> Answer:
    """Ask an instance how it is, over the environment's own TLS and proxy. Never raises for a failed request."""
    http = _http(service, environment)
    try:
        with _connection(http, config.root).client() as client:
            headers = {http.synthetic_header: "health"}
            response = client.get(f"{url.rstrip('/')}{service.health}", headers=headers, timeout=_SECONDS)
    except httpx.HTTPError as error:
        return Answer(None, detail=f"{type(error).__name__}: {error}")
    return Answer(response.status_code, response.headers.get(VERSION_HEADER, ""))


def status_of(config: Config, service: Service, *, environment: str, url: str, path: str) -> int:
    """Send one GET that needs no value and return its status; past the guard only where there is no Envoy for one.

    Raises `ConfigError`, `ToolError` when no token is to be had, and `httpx.HTTPError`.
    """
    try:
        with read_only(config, service, environment=environment, url=url, purpose="doctor") as way:
            return _status(way.client, f"{url}{path}", way.headers, way.query)
    except ToolMissing as missing:
        if missing.tool != "envoy":
            raise
    http = _http(service, environment)
    connection = _connection(http, config.root)
    credentials = _credentials(service.auth, connection)
    headers = {http.synthetic_header: "doctor", **credentials.headers()}
    with connection.client() as client:
        return _status(client, f"{url}{path}", headers, credentials.query)


def _status(client: httpx.Client, address: str, headers: Mapping[str, str], query: Mapping[str, str]) -> int:
    return client.get(address, headers=headers, params=dict(query), timeout=_SECONDS).status_code


@contextmanager
def _kept_new(guard: Guard, credentials: Credentials) -> Iterator[dict[str, str]]:
    """Renew the token behind its stand-in before it ends, in a thread that ends with the block."""
    if credentials.source is None:
        yield {}
        return
    token = credentials.headers()["Authorization"].removeprefix("Bearer ")
    stand_in = guard.stand_ins.add(token, place="bearer")
    stopped = threading.Event()

    def renew() -> None:
        pause = credentials.renews_in()
        while pause is not None and not stopped.wait(pause):
            try:
                value = credentials.headers()["Authorization"].removeprefix("Bearer ")
                guard.stand_ins.renew(stand_in, value)
                pause = credentials.renews_in()
            except (OlorinError, OSError) as error:  # the old token may do for a while; its end shows as 401
                log.warning("token_not_renewed", error=str(error))
                pause = _FAILED_RENEWAL

    thread = threading.Thread(target=renew, name="olorin-token", daemon=True)
    thread.start()
    try:
        yield {"Authorization": f"Bearer {stand_in}"}
    finally:
        stopped.set()
        thread.join()


def _http(service: Service, environment: str) -> Http:
    known = service.environments.get(environment)
    return (known.http if known else None) or service.http


def _connection(http: Http, root: Path) -> Connection:
    files = {name: root / path for name in ("ca", "certificate", "key") if (path := getattr(http, name)) is not None}
    return Connection(proxy=http.proxy, **files)


def _credentials(auth: Auth, connection: Connection) -> Credentials:
    return Credentials(fixed=auth.headers(), query=auth.query(), source=_source(auth, connection))


def _source(auth: Auth, connection: Connection) -> TokenSource | None:
    if auth.bearer_command:
        asked = auth.bearer_command
        return CommandToken(command=asked.command, seconds=asked.seconds, lasts=asked.lasts)
    if auth.oauth2:
        return ClientCredentials(
            token_url=auth.oauth2.token_url,
            client_id=auth.oauth2.client_id,
            client_secret=auth.oauth2.client_secret.reveal(),
            scopes=auth.oauth2.scopes,
            audience=auth.oauth2.audience,
            connection=connection,
        )
    return None


def _pinned(http: Http) -> Pinned:
    return Pinned(by_name=http.values, by_operation=http.operations)
