"""What of a document was exercised, and what not, and why? Counted from the recorded exchanges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from olorin_pipelines.contract.judge import Exchange, Judge
from olorin_pipelines.contract.judge.answers import documented_as, escape, media_of
from olorin_pipelines.contract.judge.constraints import keywords_broken
from olorin_pipelines.contract.judge.inputs import ABSENT
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.model import CoverageRow
from olorin_pipelines.contract.samples import resolve

__all__ = ["Covered"]

_KINDS = (
    "statuses",
    "parameters",
    "request media types",
    "request keywords",
    "response media types",
    "response keywords",
)
_OF_ONE = ("statuses", "parameters", "request media types", "response media types")
"""The kinds that belong to one operation alone; schemas are shared."""
_CONSTRAINTS = {
    *("enum", "const", "required", "additionalProperties", "uniqueItems", "pattern", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems"),
}
_LENIENT = {"type", "format"}
"""Counted in answers alone: in requests a lenient parser may pass what is of another type."""
_WHY = {
    "statuses": "never answered",
    "parameters": "never sent",
    "request media types": "never sent",
    "request keywords": "no request violated it",
    "response media types": "never answered",
    "response keywords": "no answer of its place was seen",
}


class Covered:
    """Takes exchanges and counts each thing of the document once."""

    def __init__(self, document: Mapping[str, Any], judge: Judge, keys: set[str]) -> None:
        self._document, self._judge = document, judge
        self._operations = [each for key, each in judge.operations.items() if key in keys]
        self._seen: dict[str, set[str]] = defaultdict(set)
        self._answers: set[tuple[str, int, str]] = set()

    def take(self, exchange: Exchange) -> None:
        """Take an exchange."""
        operation = self._judge.operations.get(exchange.operation)
        if operation is None or exchange.method != operation.method or exchange.status is None:
            return
        answer = operation.key, exchange.status, exchange.answer_headers.get("content-type", "")
        if answer not in self._answers:
            self._answers.add(answer)
            self._answered(operation, exchange, exchange.status)
        kind = exchange.headers.get("content-type", "").partition(";")[0].strip().lower()
        if exchange.body and (media := media_of(operation.bodies, kind)):
            self._seen["request media types"].add(f"{operation.key} {media}")
        for name, pointer, value in self._judge.requests.values(operation, exchange):
            if value is ABSENT:
                continue
            if name != "body":
                self._seen["parameters"].add(f"{operation.key} {name}")
            if exchange.valid is not True:
                self._seen["request keywords"] |= keywords_broken(
                    self._judge.schemas.validator(pointer, "request"), value
                )

    def rows(self) -> tuple[CoverageRow, ...]:
        """Return a row per kind: how many there are, how many were exercised, which were not, and why."""
        there: dict[str, set[str]] = {kind: set() for kind in _KINDS}
        for operation in self._operations:
            self._count(operation, there)
        return tuple(
            CoverageRow(
                kind=kind,
                total=len(there[kind]),
                seen=len(there[kind] & self._seen[kind]),
                missed=tuple(sorted(there[kind] - self._seen[kind])),
                why=_WHY[kind],
            )
            for kind in _KINDS
        )

    def share(self, key: str) -> float:
        """Return how much of an operation's statuses, parameters and media types was exercised, 0.0 to 1.0."""
        there: dict[str, set[str]] = {kind: set() for kind in _KINDS}
        for operation in self._operations:
            if operation.key == key:
                self._count(operation, there)
        total = sum(len(there[kind]) for kind in _OF_ONE)
        return round(sum(len(there[kind] & self._seen[kind]) for kind in _OF_ONE) / total, 4) if total else 0.0

    def _answered(self, operation: Operation, exchange: Exchange, status: int) -> None:
        name = documented_as(operation.node.get("responses") or {}, status)
        if name is None:
            return
        self._seen["statuses"].add(f"{operation.key} {name}")
        kind = exchange.answer_headers.get("content-type", "").partition(";")[0].strip().lower()
        content = (resolve(self._document, operation.node["responses"][name]) or {}).get("content") or {}
        media = media_of(content, kind)
        if media and f"{operation.key} {name} {media}" not in self._seen["response media types"]:
            self._seen["response media types"].add(f"{operation.key} {name} {media}")
            self._seen["response keywords"] |= set(self._response_keywords(operation, name, media))

    def _count(self, operation: Operation, there: dict[str, set[str]]) -> None:
        for name, response in (operation.node.get("responses") or {}).items():
            there["statuses"].add(f"{operation.key} {name}")
            for media in (resolve(self._document, response) or {}).get("content") or {}:
                there["response media types"].add(f"{operation.key} {name} {media}")
                there["response keywords"] |= set(self._response_keywords(operation, name, media))
        for parameter in operation.parameters:
            if parameter.place in ("query", "path", "header"):
                there["parameters"].add(f"{operation.key} {parameter.place} {parameter.name}")
            there["request keywords"] |= self._strict(parameter.node.get("schema"), parameter.pointer)
        body = resolve(self._document, operation.node.get("requestBody")) or {}
        for media, pointer in operation.bodies.items():
            there["request media types"].add(f"{operation.key} {media}")
            there["request keywords"] |= self._strict(body["content"][media].get("schema"), pointer)

    def _strict(self, schema: Any, at: str) -> set[str]:
        found = self._keywords(schema, at, set())
        return {pointer for pointer in found if pointer.rpartition("/")[2] not in _LENIENT}

    def _response_keywords(self, operation: Operation, name: str, media: str) -> Iterator[str]:
        response = operation.node["responses"][name]
        schema = (resolve(self._document, response) or {})["content"][media].get("schema")
        at = f"{operation.pointer}/responses/{name}/content/{escape(media)}/schema"
        return self._keywords(schema, at, set())

    def _keywords(self, schema: Any, at: str, known: set[str]) -> Iterator[str]:
        """The pointers of the constraints below a schema, references followed."""
        if isinstance(schema, Mapping) and isinstance(schema.get("$ref"), str):
            at, schema = schema["$ref"].removeprefix("#"), resolve(self._document, schema)
        if not isinstance(schema, Mapping) or at in known:
            return
        known.add(at)
        for keyword, value in schema.items():
            if keyword in _CONSTRAINTS | _LENIENT and not (keyword == "additionalProperties" and value is not False):
                yield f"{at}/{keyword}"
            if keyword in ("properties", "patternProperties") and isinstance(value, Mapping):
                for name, each in value.items():
                    yield from self._keywords(each, f"{at}/{keyword}/{escape(name)}", known)
            elif keyword in ("items", "additionalProperties", "not") and isinstance(value, Mapping):
                yield from self._keywords(value, f"{at}/{keyword}", known)
            elif keyword in ("anyOf", "oneOf", "allOf", "prefixItems") and isinstance(value, list):
                for place, each in enumerate(value):
                    yield from self._keywords(each, f"{at}/{keyword}/{place}", known)
