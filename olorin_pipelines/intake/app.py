"""The ASGI application of `olorin serve`: deployments in, decisions and numbers out."""

from __future__ import annotations

import asyncio
import fnmatch
import json
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from olorin_pipelines import __version__
from olorin_pipelines.errors import NameTaken, OlorinError, RegistryError, UnknownName, UsageError
from olorin_pipelines.intake import webhooks
from olorin_pipelines.intake.document import openapi_document
from olorin_pipelines.intake.door import Door, Refused
from olorin_pipelines.intake.messages import Announcement, Health, Ignored, Problem, told
from olorin_pipelines.intake.numbers import CONTENT_TYPE, numbers
from olorin_pipelines.pipeline.case import Workplace

__all__ = ["MOST_BYTES", "create_app"]

MOST_BYTES = 1024 * 1024
"""The longest body that is read: GitHub's webhooks have tens of kilobytes."""

_BODY_SECONDS = 10.0
_T = TypeVar("_T")

log = structlog.get_logger(__name__)


def create_app(place: Workplace, door: Door) -> Starlette:
    """Return the application over a workplace; `door` says who may ask."""
    intake = _Intake(place, door)
    return Starlette(
        routes=[
            Route("/deployments", intake.announce, methods=["POST"]),
            Route("/deployments/{id}", intake.read, methods=["GET"]),
            Route("/webhooks/github/{service}", intake.github, methods=["POST"]),
            Route("/webhooks/gitlab/{service}", intake.gitlab, methods=["POST"]),
            Route("/metrics", intake.metrics, methods=["GET"]),
            Route("/health", intake.health, methods=["GET"]),
            Route("/openapi.json", intake.document, methods=["GET"]),
        ],
        exception_handlers={OlorinError: _refusal, HTTPException: _plain, Exception: _broken},
    )


class _Intake:
    def __init__(self, place: Workplace, door: Door) -> None:
        self._place, self._door = place, door
        self._document = openapi_document(sorted(place.config.services), with_token=bool(door.token))

    async def announce(self, request: Request) -> Response:
        body = await _body(request)
        self._door.admit_signed(request.headers, body)
        _is_json(request)
        return await self._announce(_read_as(Announcement.model_validate, _parsed(body)), source="http")

    async def github(self, request: Request) -> Response:
        body = await _body(request)
        self._door.admit_github(request.headers, body)
        _is_json(request)
        event, service = request.headers.get("x-github-event", ""), self._service(request)
        return await self._hooked(lambda said: webhooks.of_github(event, said, service), body, "github")

    async def gitlab(self, request: Request) -> Response:
        body = await _body(request)
        self._door.admit_gitlab(request.headers)
        _is_json(request)
        service = self._service(request)
        return await self._hooked(lambda said: webhooks.of_gitlab(said, service), body, "gitlab")

    async def read(self, request: Request) -> Response:
        self._door.admit(request.headers)
        name = request.path_params["id"]
        found = await run_in_threadpool(lambda: told(self._place, self._place.registry.announced_as(name)))
        return Response(found.model_dump_json(), media_type="application/json")

    async def metrics(self, request: Request) -> Response:
        self._door.admit(request.headers)
        return Response(await run_in_threadpool(numbers, self._place), media_type=CONTENT_TYPE)

    async def health(self, _request: Request) -> Response:
        try:
            await run_in_threadpool(self._place.registry.leases)
        except RegistryError:
            return _health("unavailable", HTTPStatus.SERVICE_UNAVAILABLE)
        return _health("ok", HTTPStatus.OK)

    async def document(self, request: Request) -> Response:
        self._door.admit(request.headers)  # it names the services
        return JSONResponse(self._document)

    def _service(self, request: Request) -> str:
        name = str(request.path_params["service"])
        self._place.config.service(name)
        return name

    async def _hooked(
        self, read: Callable[[Mapping[str, Any]], Announcement | Ignored], body: bytes, source: str
    ) -> Response:
        said = _parsed(body)
        if not isinstance(said, dict):
            raise UsageError("the body is not an object")
        meant = _read_as(read, said)
        if isinstance(meant, Announcement) and meant.environment not in self._environments(meant.service):
            meant = Ignored(ignored=f"the environment {meant.environment}: olorin.yaml does not name it")
        if isinstance(meant, Ignored):
            return JSONResponse(meant.model_dump(), status_code=HTTPStatus.ACCEPTED)
        return await self._announce(meant, source=source)

    def _environments(self, service: str) -> Mapping[str, Any]:
        return self._place.config.service(service).environments

    async def _announce(self, said: Announcement, *, source: str) -> Response:
        found, created = await run_in_threadpool(self._record, said, source)
        status = HTTPStatus.CREATED if created else HTTPStatus.OK
        headers = {"Location": f"/deployments/{found.id}"} if created else {}
        return Response(found.model_dump_json(), status, headers, media_type="application/json")

    def _record(self, said: Announcement, source: str) -> tuple[Any, bool]:
        place = self._place
        environment = place.config.service(said.service).environment(said.environment)
        url = (said.url or environment.url).rstrip("/")
        self._allowed(said.service, url)
        words = {
            "service": said.service,
            "environment": said.environment,
            "version": said.version,
            "url": url,
            "revision": said.revision,
        }
        if said.id:
            row, created = place.registry.announce_as(said.id, source=source, said=words, dry_run=said.dry_run)
        else:
            row, created = place.registry.announce(
                said.service,
                environment=said.environment,
                version=said.version,
                url=url,
                revision=said.revision,
                dry_run=said.dry_run,
            )
        log.info("deployment announced", id=row.id, source=source, service=row.service, version=row.version)
        return told(place, row), created

    def _allowed(self, service: str, url: str) -> None:
        """The service's credentials go to this address: it is one of its environments, or a host that is allowed."""
        config = self._place.config
        known = {urlsplit(each.url).hostname for each in config.service(service).environments.values()}
        host = _host(url)
        if host not in known and not any(fnmatch.fnmatchcase(host, glob) for glob in config.serve.hosts):
            raise UsageError(
                f"{host} is not the host of an environment of {service}",
                hint="allow it by `serve.hosts` in olorin.yaml",
            )


def _host(url: str) -> str:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"url: {error}") from error
    return parts.hostname or ""


async def _body(request: Request) -> bytes:
    """Read the body, no longer than allowed and no longer than it may take."""
    found = bytearray()
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for chunk in request.stream():
                found += chunk
                if len(found) > MOST_BYTES:
                    raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"more than {MOST_BYTES:,} bytes")
    except TimeoutError as error:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, f"not there after {_BODY_SECONDS:g} s") from error
    except ClientDisconnect as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the body was cut off") from error
    return bytes(found)


def _is_json(request: Request) -> None:
    """A page in a browser may post plain text to us without asking, but not this."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "application/json is expected")


def _parsed(body: bytes) -> Any:
    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is not JSON")

    try:
        return json.loads(body, parse_constant=refuse)
    except (ValueError, RecursionError) as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error}") from error


def _read_as(read: Callable[[Any], _T], said: Any) -> _T:
    try:
        return read(said)
    except ValidationError as error:
        found = error.errors(include_input=False)
        places = (f"{'.'.join(map(str, each['loc'])) or 'the body'}: {each['msg']}" for each in found)
        raise UsageError("; ".join(places)) from error
    except ValueError as error:
        raise UsageError(str(error)) from error


def _health(status: Any, code: HTTPStatus) -> Response:
    return JSONResponse(Health(status=status, version=__version__).model_dump(), status_code=code)


def _refusal(_request: Request, error: Exception) -> Response:
    assert isinstance(error, OlorinError)  # noqa: S101 - what it is registered for
    headers = {}
    match error:
        case Refused():
            status, headers = HTTPStatus.UNAUTHORIZED, {"WWW-Authenticate": 'Bearer realm="olorin"'}
        case UnknownName(kind="deployment"):
            status = HTTPStatus.NOT_FOUND
        case NameTaken():
            status = HTTPStatus.CONFLICT
        case UsageError():
            status = HTTPStatus.UNPROCESSABLE_ENTITY
        case _:
            status = HTTPStatus.SERVICE_UNAVAILABLE
    return _problem(status, error.message, hint=error.hint, headers=headers)


def _plain(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    return _problem(HTTPStatus(error.status_code), error.detail, headers=error.headers)


def _broken(request: Request, error: Exception) -> Response:
    log.error("the intake failed", path=request.url.path, error=type(error).__name__)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something is wrong here; its log says what")


def _problem(status: HTTPStatus, detail: str, *, hint: str = "", headers: Mapping[str, str] | None = None) -> Response:
    said = Problem(title=status.phrase, status=status.value, detail=detail, hint=hint)
    return JSONResponse(said.model_dump(), status, headers, media_type="application/problem+json")
