"""Can a request body end at all? One that must contain itself cannot: no valid request can be made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from olorin_pipelines.contract.judge.answers import is_json
from olorin_pipelines.contract.judge.operations import Operation
from olorin_pipelines.contract.samples import resolve

__all__ = ["endless_body"]

MOST_STEPS = 20_000
"""Schemas that are looked at for one body; a body with more is taken to end."""
_SCALARS = {"string", "number", "integer", "boolean", "null"}


def endless_body(document: Mapping[str, Any], operation: Operation) -> bool:
    """Whether a body is required and every schema for it demands itself again, without end."""
    body = resolve(document, operation.node.get("requestBody"))
    if not isinstance(body, Mapping) or not body.get("required"):
        return False
    content = body.get("content")
    media = [
        each.get("schema") if is_json(str(kind).partition(";")[0].strip().lower()) else True
        for kind, each in (content.items() if isinstance(content, Mapping) else ())
        if isinstance(each, Mapping)
    ]
    ends = _Ends(document)
    return bool(media) and not any(ends.value(schema, frozenset()) for schema in media)


class _Ends:
    """Answers whether a schema allows a finite value, in doubt that it does."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._finite: set[str] = set()
        self._steps = 0

    def value(self, schema: Any, within: frozenset[str]) -> bool:
        """Whether there is one; `within` are the references that the schema is a part of."""
        self._steps += 1
        if not isinstance(schema, Mapping) or self._steps > MOST_STEPS:
            return True
        reference = schema.get("$ref")
        if isinstance(reference, str):
            if reference in within:
                return False
            if reference not in self._finite and not self.value(
                resolve(self._document, {"$ref": reference}), within | {reference}
            ):
                return False
            self._finite.add(reference)
        if "enum" in schema or "const" in schema:
            return True
        return self._parts(schema, within)

    def _parts(self, schema: Mapping[str, Any], within: frozenset[str]) -> bool:
        if not all(self.value(each, within) for each in _listed(schema.get("allOf"))):
            return False
        for keyword in ("anyOf", "oneOf"):
            branches = _listed(schema.get(keyword))
            if branches and not any(self.value(each, within) for each in branches):
                return False
        kinds = schema.get("type")
        named = {kinds} if isinstance(kinds, str) else set(kinds) if isinstance(kinds, list) else _SCALARS
        if named & _SCALARS or schema.get("nullable") is True:
            return True
        return ("object" in named and self._object(schema, within)) or (
            "array" in named and self._array(schema, within)
        )

    def _object(self, schema: Mapping[str, Any], within: frozenset[str]) -> bool:
        properties = schema.get("properties")
        there = properties if isinstance(properties, Mapping) else {}
        return all(self.value(there.get(str(name)), within) for name in _listed(schema.get("required")))

    def _array(self, schema: Mapping[str, Any], within: frozenset[str]) -> bool:
        fewest = schema.get("minItems")
        if not isinstance(fewest, int) or fewest < 1:
            return True
        ahead = list(_listed(schema.get("prefixItems")))[:fewest]
        rest = [schema.get("items")] if len(ahead) < fewest else []
        return all(self.value(each, within) for each in (*ahead, *rest))


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else ()
