"""What does a document say about each operation? Its parameters, bodies and credentials, references followed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from olorin_pipelines.contract.judge.answers import escape
from olorin_pipelines.contract.samples import resolve

__all__ = ["METHODS", "Credential", "Operation", "Parameter", "operations"]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_IGNORED = {"accept", "content-type", "authorization"}
"""Header parameters that OpenAPI says to ignore."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter, the pointer of its schema, and what the document says of it."""

    name: str
    place: str
    pointer: str
    node: Mapping[str, Any]

    @property
    def required(self) -> bool:
        """Whether it must be sent."""
        return self.node.get("required") is True


@dataclass(frozen=True, slots=True)
class Credential:
    """Where a security scheme looks: `header`, `query` or `cookie`, by name; `bearer` when it holds a bearer token."""

    place: str
    name: str
    bearer: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation by its key (`GET /x/{id}`). `bodies` maps a media type to the pointer of its schema.

    `credentials` is empty when it may be called without; `path_methods` are those documented for its path, `required`
    place and name (`query limit`) of the parameters that must be sent.
    """

    key: str
    method: str
    path: str
    pointer: str
    node: Mapping[str, Any]
    parameters: tuple[Parameter, ...]
    bodies: Mapping[str, str]
    body_required: bool
    credentials: tuple[Credential, ...]
    path_methods: frozenset[str]
    required: frozenset[str]


def operations(document: Mapping[str, Any]) -> dict[str, Operation]:
    """Return every operation of a document by its key."""
    return {each.key: each for each in _operations(document)}


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, reference in (document.get("paths") or {}).items():
        item = resolve(document, reference)
        if not isinstance(item, Mapping):
            continue
        base = f"/paths/{escape(path)}"
        if isinstance(reference, Mapping) and "$ref" in reference:
            base = unquote(str(reference["$ref"])).removeprefix("#")
        methods = frozenset(method for method in METHODS if isinstance(item.get(method), Mapping))
        for method in METHODS:
            node = item.get(method)
            if not isinstance(node, Mapping):
                continue
            bodies, required = _bodies(document, node, f"{base}/{method}")
            parameters = _parameters(document, item, node, base, method)
            yield Operation(
                key=f"{method.upper()} {path}",
                method=method.upper(),
                path=path,
                pointer=f"{base}/{method}",
                node=node,
                parameters=parameters,
                bodies=bodies,
                body_required=required,
                credentials=_credentials(document, node) or _own_header(document, item, node),
                path_methods=frozenset(each.upper() for each in methods),
                required=frozenset(f"{each.place} {each.name}" for each in parameters if each.required),
            )


def _parameters(
    document: Mapping[str, Any], item: Mapping[str, Any], node: Mapping[str, Any], base: str, method: str
) -> tuple[Parameter, ...]:
    found: dict[tuple[str, str], Parameter] = {}
    for holder, pointer in ((item, base), (node, f"{base}/{method}")):
        for place, reference in enumerate(holder.get("parameters") or ()):
            whole = resolve(document, reference)
            if not isinstance(whole, Mapping):
                continue
            at = f"{pointer}/parameters/{place}"
            if isinstance(reference, Mapping) and "$ref" in reference:
                at = unquote(str(reference["$ref"])).removeprefix("#")
            name, where = str(whole.get("name")), str(whole.get("in"))
            if where != "header" or name.lower() not in _IGNORED:
                found[where, name] = Parameter(name, where, f"{at}/schema", whole)
    return tuple(found.values())


def _bodies(document: Mapping[str, Any], node: Mapping[str, Any], base: str) -> tuple[dict[str, str], bool]:
    reference = node.get("requestBody")
    body, at = resolve(document, reference), f"{base}/requestBody"
    if not isinstance(body, Mapping):
        return {}, False
    if isinstance(reference, Mapping) and "$ref" in reference:
        at = unquote(str(reference["$ref"])).removeprefix("#")
    pointers = {
        str(media): f"{at}/content/{escape(str(media))}/schema"
        for media, said in (body.get("content") or {}).items()
        if isinstance(said, Mapping) and "schema" in said
    }
    return pointers, body.get("required") is True


def _credentials(document: Mapping[str, Any], node: Mapping[str, Any]) -> tuple[Credential, ...]:
    wanted = node.get("security", document.get("security")) or []
    if not wanted or any(not each for each in wanted):
        return ()
    schemes = (document.get("components") or {}).get("securitySchemes") or {}
    names = dict.fromkeys(name for each in wanted for name in each)
    found = [_credential(resolve(document, schemes.get(name))) for name in names]
    return () if None in found else tuple(each for each in found if each)


def _own_header(
    document: Mapping[str, Any], item: Mapping[str, Any], node: Mapping[str, Any]
) -> tuple[Credential, ...]:
    """A header parameter `Authorization` beside a documented 401 says the same as a scheme, where none is named."""
    declared = [resolve(document, each) for each in (*(item.get("parameters") or ()), *(node.get("parameters") or ()))]
    names = {
        str(each.get("name")).lower() for each in declared if isinstance(each, Mapping) and each.get("in") == "header"
    }
    said = "authorization" in names and "401" in map(str, node.get("responses") or ())
    return (Credential("header", "Authorization", bearer=True),) if said else ()


def _credential(scheme: Any) -> Credential | None:
    """Where a scheme looks; None when that cannot be told, as with certificates of a client."""
    if not isinstance(scheme, Mapping):
        return None
    kind = scheme.get("type")
    if kind == "apiKey":
        return Credential(str(scheme.get("in")), str(scheme.get("name")))
    if kind == "http" and str(scheme.get("scheme")).lower() in ("bearer", "basic"):
        return Credential("header", "Authorization", bearer=str(scheme.get("scheme")).lower() == "bearer")
    return Credential("header", "Authorization", bearer=True) if kind in ("oauth2", "openIdConnect") else None
