"""Which version answers at the health endpoint of an environment? For deployments that nobody announces."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from concurrent import futures
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from olorin_pipelines.config import VersionPoll
from olorin_pipelines.errors import OlorinError, UsageError
from olorin_pipelines.pipeline.calling import connection_to
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.registry import BY_HAND, Deployment

__all__ = ["Polled", "Seen", "poll", "version_at"]

_MOST_BYTES = 256 * 1024
_LONGEST = 200
_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Polled:
    """What one environment answered: a version, or `trouble`; `announced` is the id of a deployment that is new."""

    service: str
    environment: str
    version: str = ""
    trouble: str = ""
    announced: str = ""


Seen = Mapping[str, str]
"""The version that the poll before saw, by `service/environment`."""


def poll(
    place: Workplace, seen: Seen, *, ask: Callable[[Workplace, str, str, VersionPoll], str] | None = None
) -> tuple[list[Polled], Seen]:
    """Ask every environment that is to be polled, side by side; returns what they said, and what was seen.

    A version is announced when two polls in a row saw it and it is neither the newest deployment of the environment
    nor what production serves: behind a load balancer two versions may answer in turns for a while.
    """
    wanted = [
        (name, environment, known.version_from)
        for name, service in place.config.services.items()
        for environment, known in service.environments.items()
        if known.version_from is not None
    ]
    with futures.ThreadPoolExecutor(_AT_ONCE) as pool:
        asked = [pool.submit(_asked, place, *each, ask or version_at) for each in wanted]
        found = [each.result() for each in asked]
    told = [_announced(place, each) if seen.get(_key(each)) == each.version else each for each in found]
    return told, {_key(each): each.version for each in found if each.version}


def version_at(place: Workplace, name: str, environment: str, how: VersionPoll) -> str:
    """Return the version that an environment names, asked without credentials.

    Raises `UsageError` when it names none in bounded time and size.
    """
    import httpx

    service = place.config.service(name)
    url = f"{service.environment(environment).url}{how.path or service.health}"
    try:
        with (
            connection_to(place.config, service, environment).client(timeout=how.timeout) as client,
            client.stream("GET", url) as answer,
        ):
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > _MOST_BYTES:
                    raise UsageError(f"{url}: the answer is longer than {_MOST_BYTES // 1024} KiB")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise UsageError(f"{url}: no answer: {type(error).__name__}") from error
    if how.header:
        return _checked(url, answer.headers.get(how.header), f"the header {how.header}")
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        raise UsageError(f"{url} answers {answer.status_code}")
    try:
        return _checked(url, _pointed(json.loads(bytes(body)), how.pointer), how.pointer)
    except ValueError as error:
        raise UsageError(f"{url}: the answer is not JSON") from error


def _pointed(value: Any, pointer: str) -> Any:
    """Follow a JSON pointer (RFC 6901); None where it leads nowhere."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _checked(url: str, found: Any, where: str) -> str:
    if not isinstance(found, str) or not found.strip() or len(found) > _LONGEST or not found.isprintable():
        raise UsageError(f"{url} names no version at {where}", hint="docs/intake.md says what is looked for")
    return found.strip()


def _asked(place: Workplace, name: str, environment: str, how: VersionPoll, ask: Callable[..., str]) -> Polled:
    try:
        return Polled(name, environment, ask(place, name, environment, how))
    except OlorinError as error:
        return Polled(name, environment, trouble=error.message)


def _announced(place: Workplace, found: Polled) -> Polled:
    url = place.config.service(found.service).environment(found.environment).url
    serving = place.registry.serving(found.service)
    newest = _newest(place, found)
    if found.version in (newest.version if newest else "", serving.version if serving else ""):
        return found
    row, created = place.registry.announce(found.service, environment=found.environment, version=found.version, url=url)
    return Polled(found.service, found.environment, found.version, announced=row.id if created else "")


def _newest(place: Workplace, found: Polled) -> Deployment | None:
    rows = place.registry.deployments(found.service, limit=50)
    mine = [row for row in rows if row.environment == found.environment and row.run_id != BY_HAND]
    return next((row for row in mine if not place.registry.is_dry_run(row.id)), None)


def _key(found: Polled) -> str:
    return f"{found.service}/{found.environment}"
