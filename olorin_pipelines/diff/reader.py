"""How is a schema read into a shape? One reader per document; each schema is read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from olorin_pipelines.diff.dialects import ANNOTATIONS, Dialect, dialect_of
from olorin_pipelines.diff.keywords import own_shape
from olorin_pipelines.diff.merge import merge
from olorin_pipelines.diff.shape import Node, Shape
from olorin_pipelines.errors import DocumentInvalid
from olorin_pipelines.openapi import Pointer, join, resolve_at

__all__ = ["Reader"]

_UNIONS = {"anyOf": "any-of", "oneOf": "one-of"}


class Reader:
    """Reads the schemas of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.dialect: Dialect = dialect_of(document)
        self._shapes: dict[int, Shape] = {}
        self._targets: dict[str, tuple[Any, Pointer] | None] = {}
        self._kept: list[Any] = []
        self._open: set[int] = set()

    def resolve(self, node: Any, pointer: Pointer) -> tuple[Any, Pointer]:
        """Follow references; one that names nothing stays as it is, and is compared as text."""
        if not isinstance(node, dict) or not isinstance(ref := node.get("$ref"), str):
            return node, pointer
        if ref not in self._targets:
            try:
                self._targets[ref] = resolve_at(self.document, node, pointer)
            except DocumentInvalid:
                self._targets[ref] = None
        return self._targets[ref] or (node, pointer)

    def shape(self, node: Node) -> Shape:
        """Return the shape of a schema."""
        schema, pointer = self.followed(node)
        known = self._shapes.get(id(schema))
        if known is None:
            self._kept.append(schema)  # ids are only good while their objects live
            self._open.add(id(schema))
            try:
                known = self._read(schema, pointer)
            finally:
                self._open.discard(id(schema))
            self._shapes[id(schema)] = known
        return known

    def name(self, node: Node) -> str:
        """Return what a branch of a union is recognised by: the pointer of what it refers to, else nothing."""
        schema, pointer = self.followed(node)
        return pointer if schema is not node.schema else ""

    def followed(self, node: Node) -> Node:
        """Follow references that stand alone; a `$ref` with siblings that apply is a conjunction."""
        schema, pointer = node
        while isinstance(schema, dict) and "$ref" in schema and not self._siblings(schema):
            target, at = self.resolve({"$ref": schema["$ref"]}, pointer)
            if at == pointer:
                break
            schema, pointer = target, at
        return Node(schema, pointer)

    def _siblings(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        if not self.dialect.ref_siblings:
            return {}
        return {k: v for k, v in schema.items() if k != "$ref" and k not in ANNOTATIONS and not k.startswith("x-")}

    def _read(self, schema: Any, pointer: Pointer) -> Shape:
        if schema is False:
            return Shape(pointer=pointer, types=frozenset(), nullable=False)
        if not isinstance(schema, dict):
            return Shape(pointer=pointer)
        shape = own_shape(schema, pointer, self.dialect)
        parts = schema.get("allOf")
        nodes = [
            Node(part, join(pointer, "allOf", i)) for i, part in enumerate(parts if isinstance(parts, list) else ())
        ]
        if "$ref" in schema:
            target = Node(*self.resolve({"$ref": schema["$ref"]}, pointer))
            if target.pointer == pointer:  # names nothing
                return replace(shape, exact={**shape.exact, "$ref": schema["$ref"]})
            nodes.append(target)
        shape = self._all_of(shape, nodes)
        for keyword in _UNIONS:
            branches = schema.get(keyword)
            if isinstance(branches, list):
                shape = self._union(shape, keyword, branches, pointer)
        return shape

    def _all_of(self, shape: Shape, nodes: list[Node]) -> Shape:
        merged: Shape | None = shape
        for node in nodes:
            part = self._closed_shape(node)
            merged = merge(merged, part) if merged and part else None
        if merged is not None:
            return merged
        return replace(shape, unions={**shape.unions, "all-of": tuple(nodes)})

    def _closed_shape(self, node: Node) -> Shape | None:
        """Return the shape of a part, None when the part is still being read: it contains itself."""
        return None if id(self.followed(node).schema) in self._open else self.shape(node)

    def _union(self, shape: Shape, keyword: str, branches: list[Any], pointer: Pointer) -> Shape:
        nodes = tuple(Node(branch, join(pointer, keyword, i)) for i, branch in enumerate(branches))
        shapes = [self._closed_shape(node) for node in nodes]
        known = [one for one in shapes if one is not None]
        if len(known) == len(nodes):
            joined = _joined(known, pointer, exclusive=keyword == "oneOf")
            merged = merge(shape, joined) if joined else None
            if merged is not None:
                return replace(merged, pointer=shape.pointer)
        return replace(shape, unions={**shape.unions, _UNIONS[keyword]: nodes})


def _joined(shapes: list[Shape], pointer: Pointer, *, exclusive: bool) -> Shape | None:
    """Write a union as one shape where that is possible: one branch, a branch or null, types only, values only."""
    if len(shapes) == 1:
        return shapes[0]
    others = [shape for shape in shapes if not _only_null(shape)]
    with_null = len(others) < len(shapes)
    if exclusive and (sum(shape.nullable for shape in shapes) > 1):
        return None
    if len(others) == 1 and with_null and others[0].types is not None:
        return replace(others[0], nullable=True)
    nullable = any(shape.nullable for shape in shapes)
    if all(shape.enum is not None and shape.says_only("types", "nullable", "enum") for shape in others):
        values = {text: value for shape in others for text, value in (shape.enum or {}).items()}
        if not exclusive or len(values) == sum(len(shape.enum or {}) for shape in others):
            types = frozenset().union(*(shape.types or frozenset() for shape in others))
            return Shape(pointer=pointer, types=types, nullable=nullable, enum=values)
    if all(shape.types is not None and shape.says_only("types", "nullable") for shape in others):
        types = frozenset().union(*(shape.types or frozenset() for shape in others))
        disjoint = len(types) == sum(len(shape.types or ()) for shape in others)
        if (disjoint and not {"integer", "number"} <= types) or not exclusive:
            return Shape(pointer=pointer, types=types, nullable=nullable)
    return None


def _only_null(shape: Shape) -> bool:
    return shape.nullable and shape.types == frozenset() and shape.says_only("types", "nullable", "enum")
