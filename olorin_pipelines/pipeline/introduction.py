"""What does an `olorin.yaml` for this service look like? Written from what is served and from what lies beside it."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from olorin_pipelines import openapi
from olorin_pipelines.config.values import as_name
from olorin_pipelines.errors import UsageError
from olorin_pipelines.pipeline.checking import find_types

__all__ = ["Consumer", "Introduction", "consumers_near", "introduce", "to_yaml"]

_NONE: Mapping[str, str] = MappingProxyType({})
_DEPTH = 3
_MOST = 20
_NEVER = {"node_modules", "dist", "build", "venv", "__pycache__", "site-packages"}
_NOBODYS = {"", "api", "api documentation", "fastapi", "my api", "openapi", "openapi definition", "swagger", "untitled"}
"""Titles that a framework puts into every document which nobody has given one."""
_HEALTH = re.compile(r"/(?:[\w-]+/)*(?:health|healthz|ready|readyz|readiness|health/ready|ping|status)/?$")


@dataclass(frozen=True, slots=True)
class Consumer:
    """A TypeScript project that has types of an API: its name, its folder, and the file of the types in it."""

    name: str
    path: Path
    types: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Introduction:
    """What was found out about a service. `schema` is the path of its document below `url`."""

    name: str
    url: str
    schema: str
    health: str
    operations: int
    auth: tuple[str, ...]
    variables: tuple[str, ...]
    consumers: tuple[Consumer, ...]


def introduce(
    snapshot: openapi.Snapshot, *, url: str, name: str = "", beside: Path, headers: Mapping[str, str] = _NONE
) -> Introduction:
    """Return what an `olorin.yaml` in the folder `beside` has to say of a service and its document.

    `headers` are those the document was asked with, `${VARIABLE}` in them not yet read: the service needs them,
    whatever its document says. A value without a variable is a secret, and is told as one that has to be exported.
    """
    unnamed = snapshot.title.strip().lower() in _NOBODYS
    called = name or as_name(beside.absolute().name if unnamed else snapshot.title)
    variable = called.replace("-", "_").upper()
    auth, variables = _sent(headers, variable) if headers else _auth(snapshot, variable)
    return Introduction(
        name=called,
        url=url.rstrip("/"),
        schema=_path_below(snapshot.source, url),
        health=_health(snapshot),
        operations=snapshot.operation_count,
        auth=auth,
        variables=variables,
        consumers=tuple(consumers_near(beside, {each.path for each in openapi.operations(snapshot.document)})),
    )


def _path_below(source: str, url: str) -> str:
    """The place of the document below the service, which may itself lie below a path."""
    if not source.startswith(("http://", "https://")):
        return "/openapi.json"
    path, base = urlsplit(source).path, urlsplit(url).path.rstrip("/")
    return path.removeprefix(base) if base and path.startswith(f"{base}/") else path


def _health(snapshot: openapi.Snapshot) -> str:
    known = [each.path for each in openapi.operations(snapshot.document) if each.method == "GET"]
    return next((path for path in known if "{" not in path and _HEALTH.search(path)), "/")


def _sent(headers: Mapping[str, str], variable: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of `auth:` for headers that were given, and the variables that they read."""
    values = {
        name: text if "${" in text else f"${{{variable}_{re.sub(r'[^A-Z0-9]+', '_', name.upper())}}}"
        for name, text in headers.items()
    }
    read = re.findall(r"\$\{(\w+)", " ".join(values.values()))
    lines = [f"  {json.dumps(name)}: {json.dumps(text)}" for name, text in values.items()]
    return ("headers:", *lines), tuple(dict.fromkeys(read))


def _auth(snapshot: openapi.Snapshot, variable: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The lines of `auth:` for the first scheme that is understood, and the variables that they read."""
    components = snapshot.document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
    for scheme in schemes.values() if isinstance(schemes, Mapping) else ():
        if not isinstance(scheme, Mapping):
            continue
        kind, how = str(scheme.get("type")), str(scheme.get("scheme", "")).lower()
        if kind == "http" and how == "basic":
            password = f"{variable}_PASSWORD"
            return (f'basic: {{ username: me, password: "${{{password}}}" }}',), (password,)
        if kind == "apiKey":
            key = f"{variable}_KEY"
            named, place = json.dumps(str(scheme.get("name"))), str(scheme.get("in"))
            if place in ("header", "query", "cookie"):
                return (f'api_key: {{ name: {named}, place: {place}, value: "${{{key}}}" }}',), (key,)
        if kind in ("http", "oauth2", "openIdConnect"):
            token = f"{variable}_TOKEN"
            return (f'bearer: "${{{token}}}"',), (token,)
    return (), ()


def consumers_near(folder: Path, paths: Collection[str]) -> Iterator[Consumer]:
    """Yield the TypeScript projects in the folder and beside it that have one file of API types, at most 20.

    Of those beside it only the ones whose types have one of `paths`: others are consumers of other services.
    """
    seen = 0
    for root in dict.fromkeys([folder, folder.parent]):
        if root == Path(root.anchor) or root == Path.home():
            continue
        for project in _projects(root):
            try:
                types = find_types(project)
            except UsageError:
                continue  # a project without types of an API, or with several: nobody but a person can tell
            if root != folder and not _has_one(project / types, paths):
                continue
            yield Consumer(project.name, Path(os.path.relpath(project, folder)), types)
            seen += 1
            if seen == _MOST:
                return
        if seen:
            return


def _has_one(types: Path, paths: Collection[str]) -> bool:
    try:
        text = types.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(f'"{path}"' in text for path in paths)


def _projects(root: Path) -> Iterator[Path]:
    for name, folders, files in os.walk(root):
        here = Path(name)
        deep = len(here.relative_to(root).parts) >= _DEPTH
        if "tsconfig.json" in files and "package.json" in files:
            yield here
            folders[:] = []
        folders[:] = [] if deep else sorted(one for one in folders if one not in _NEVER and not one.startswith("."))


def to_yaml(found: Introduction) -> str:
    """Return the text of an `olorin.yaml`, with a comment at what somebody may want to change."""
    lines = [
        "# What Olorin guards. Every key: docs/configuration.md; editors know it by docs/schemas/olorin.schema.json.",
        "home: var # where Olorin keeps its state",
        "",
        "services:",
        f"  {found.name}:",
        f"    schema: {json.dumps(found.schema)} # path of its OpenAPI document ({found.operations} operations)",
        f"    health: {json.dumps(found.health)} # any status below 500 is healthy",
    ]
    if found.auth:
        lines += ["    auth: # looked up in the environment when it is used, never shown"]
        lines += [f"      {line}" for line in found.auth]
    lines += [
        "    environments:",
        f"      production: {{ url: {json.dumps(found.url)} }} # read-only: only documented GETs are called",
        "      # A place where new versions are tested before they get traffic; test data harms nobody there:",
        '      # candidate: { url: "http://127.0.0.1:9000", isolated_data: true }',
    ]
    if found.consumers:
        lines.append("    consumers: # who has to compile against the types of a new version")
        lines += [
            f"      - {{ name: {json.dumps(one.name)}, path: {json.dumps(one.path.as_posix())}, "
            f"types: {json.dumps(one.types)} }}"
            for one in found.consumers
        ]
    else:
        lines += [
            "    # Who has to compile against the types of a new version:",
            "    # consumers: [{ name: front, path: ../front, types: src/api/schema.d.ts }]",
        ]
    lines += [
        "    policy:",
        "      mode: warn # everything runs and is shown, nothing is rejected; enforce: a failed gate rejects",
        "      breaking: reject # or consumers: only what breaks a registered consumer",
    ]
    return "\n".join(lines) + "\n"
