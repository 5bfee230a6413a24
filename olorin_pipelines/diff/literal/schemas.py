"""What does the literal reading say about the schema of a body, and of all that stands below it?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from olorin_pipelines.diff.literal.delta import Delta
from olorin_pipelines.diff.literal.emit import Emit, Site, Spot, bound_step, flag
from olorin_pipelines.diff.literal.lifecycle import property_lifecycle, property_stability
from olorin_pipelines.diff.literal.transitions import is_json, nullability, type_step
from olorin_pipelines.diff.values import text_of
from olorin_pipelines.openapi import join

__all__ = ["BOUNDS", "body", "enum_values", "walk"]

BOUNDS = (
    ("maximum", "max", "increased"),
    ("exclusiveMaximum", "exclusive-max", "increased"),
    ("maxLength", "max-length", "increased"),
    ("minimum", "min", "decreased"),
    ("exclusiveMinimum", "exclusive-min", "decreased"),
    ("minLength", "min-length", "decreased"),
    ("minItems", "min-items", "decreased"),
    ("maxItems", "max-items", "increased"),
    ("minProperties", "min-properties", "decreased"),
    ("maxProperties", "max-properties", "increased"),
)
"""Keyword, what it is called in ids, and the step that widens."""
_CONTAINS = (("minContains", "min-contains"), ("maxContains", "max-contains"))
_LISTED = {"allOf": "all-of", "anyOf": "any-of", "oneOf": "one-of", "prefixItems": "prefix-items"}
_SINGLE = {
    "contains": "contains", "propertyNames": "property-names", "unevaluatedItems": "unevaluated-items",
    "unevaluatedProperties": "unevaluated-properties", "if": "if", "then": "then", "else": "else",
    "contentSchema": "content-schema",
}  # fmt: skip
_MAPPED = {"patternProperties": "pattern-property", "dependentSchemas": "dependent-schema"}
_TEXTS = {"contentMediaType": "content-media-type-changed", "contentEncoding": "content-encoding-changed"}


def body(emit: Emit, site: Site, delta: Delta, *, request: bool, media_type: str) -> None:
    """Report the schema of one media type."""
    direction = "request" if request else "response"
    _node(emit, site, delta, f"{direction}-body", media_type)
    if emit.transitions(delta).moved:
        emit.say(site, f"{direction}-body-wrapped-in-one-of", (delta.at, delta.to), claimed_by=delta)
    for parent, below, name in walk(delta):
        _node(emit, site, below, f"{direction}-property", media_type)
        _property(emit, site, (parent, below, name), direction)
    for one in (delta, *(below for _, below, _ in walk(delta))):
        _properties_came_and_went(emit, site, one, direction)


def walk(delta: Delta) -> Iterator[tuple[Delta, Delta, str]]:
    """Yield (parent, delta, name of the property or nothing) for all that differs below, each once per name."""
    waiting, seen = [delta], {id(delta)}
    said: set[tuple[int, int, str]] = set()
    while waiting:
        parent = waiting.pop()
        for child in parent.children:
            key = (id(parent), id(child.delta), child.name)
            if key not in said:
                said.add(key)
                yield parent, child.delta, child.name
            if id(child.delta) not in seen:
                seen.add(id(child.delta))
                waiting.append(child.delta)


def _node(emit: Emit, site: Site, delta: Delta, place: str, media_type: str) -> None:
    """What holds for a body and for a property alike."""
    spot = (delta.at, delta.to)
    _types(emit, site, delta, place, media_type)
    _values(emit, site, delta, place)
    _bounds(emit, site, delta, place)
    _structure(emit, site, delta, place, spot)
    _discriminator(emit, site, delta, place, spot)
    _required(emit, site, delta, place)


def _types(emit: Emit, site: Site, delta: Delta, place: str, media_type: str) -> None:
    spot, transitions, request = (delta.at, delta.to), emit.transitions(delta), place.startswith("request")
    skipped = place == "request-property" and flag(delta, "readOnly")
    if ("type" in delta.changed or "format" in delta.changed) and not skipped:
        step = type_step(delta, request=request, strong=is_json(media_type))
        texts = [_type_text(side) for side in (delta.old, delta.new)]
        emit.say(site, f"{place}-type-{step}", spot, *texts, claimed_by=delta)
    if (transitions.types_added or transitions.types_removed) and not skipped:
        narrowed = bool(transitions.types_removed) if request else not transitions.types_added
        texts = [", ".join(sorted(side)) for side in (transitions.types_removed, transitions.types_added)]
        emit.say(site, f"{place}-list-of-types-{'narrowed' if narrowed else 'widened'}", spot, *texts, claimed_by=delta)
    if step := nullability(delta, transitions):
        emit.say(site, f"{place}-{step}", spot, claimed_by=delta)


def _type_text(schema: Any) -> str:
    types = schema.get("type")
    name = " | ".join(map(str, types)) if isinstance(types, list) else str(types or "any")
    return f"{name} ({schema['format']})" if schema.get("format") else name


def enum_values(delta: Delta) -> tuple[list[Any], list[Any]]:
    """Return the values that went and those that came."""
    before, after = ([*v] if isinstance(v, list) else [] for v in delta.changed.get("enum", ((), ())))
    texts = {text_of(v) for v in before}, {text_of(v) for v in after}
    return [v for v in before if text_of(v) not in texts[1]], [v for v in after if text_of(v) not in texts[0]]


def _values(emit: Emit, site: Site, delta: Delta, place: str) -> None:
    spot, below, request = (delta.at, delta.to), place.endswith("property"), place.startswith("request")
    claimed = delta if below else None
    gone, come = enum_values(delta)
    if "enum" in delta.changed and delta.changed["enum"][0] is None and come:
        emit.say(site, f"{place}-became-enum", spot, "", come, claimed_by=claimed)
    for value in gone:
        id_ = f"{place}-enum-value-removed" if below or request else "response-mediatype-enum-value-removed"
        if place == "request-property" and flag(delta, "readOnly"):
            id_ = "request-read-only-property-enum-value-removed"
        emit.say(site, id_, spot, text_of(value), claimed_by=claimed)
    for value in come:
        id_ = f"{place}-enum-value-added"
        if place == "response-property" and flag(delta, "writeOnly"):
            id_ = "response-write-only-property-enum-value-added"
        emit.say(site, id_, spot, "", text_of(value), claimed_by=claimed)
    for keyword, stem in (("const", "const"), ("default", "default-value")):
        if keyword in delta.changed:
            before, after = delta.changed[keyword]
            step = "added" if before is None else "removed" if after is None else "changed"
            emit.say(site, f"{place}-{stem}-{step}", spot, before, after, claimed_by=delta)
    if below and "pattern" in delta.changed:
        before, after = delta.changed["pattern"]
        step = "removed" if not after else "added" if not before else "changed"
        if request and step == "changed" and after == ".*":
            step = "generalized"
        emit.say(site, f"{place}-pattern-{step}", spot, before, after, claimed_by=delta)
    if place == "request-property" and "x-extensible-enum" in delta.changed and not flag(delta, "readOnly"):
        before, after = delta.changed["x-extensible-enum"]
        for value in before if isinstance(before, list) and isinstance(after, list) else ():
            if value not in after:
                emit.say(site, f"{place}-x-extensible-enum-value-removed", spot, value, claimed_by=delta)


def _bounds(emit: Emit, site: Site, delta: Delta, place: str) -> None:
    spot, request, below = (delta.at, delta.to), place.startswith("request"), place.endswith("property")
    if not request and below and flag(delta, "writeOnly"):
        return
    for keyword, stem, widening in BOUNDS:
        if keyword not in delta.changed:
            continue
        before, after = delta.changed[keyword]
        step = bound_step(before, after, widening if request else "")
        id_ = f"{place}-{stem}-{step}"
        if request and below and flag(delta, "readOnly"):
            if step in ("set", "unset") or stem in ("min-items", "max-items"):
                continue
            read_only = f"request-read-only-property-{stem}-{step}"
            id_ = read_only if step != widening and stem != "min-length" else id_
        emit.say(site, id_, spot, before, after, claimed_by=delta)
    for keyword, stem in _CONTAINS:
        if keyword in delta.changed:
            before, after = delta.changed[keyword]
            emit.say(site, f"{place}-{stem}-{bound_step(before, after, '')}", spot, before, after, claimed_by=delta)


def _structure(emit: Emit, site: Site, delta: Delta, place: str, spot: Spot) -> None:
    for keyword, found in delta.branches.items():
        stem = _LISTED[keyword]
        for step, positions, side in (("added", found.added, delta.new), ("removed", found.removed, delta.old)):
            plain = [
                i
                for i in positions
                if keyword != "allOf" or not _annotates(emit, side[keyword][i], new=step == "added")
            ]
            if plain:
                emit.say(site, f"{place}-{stem}-{step}", spot, *_names(side[keyword], plain, step), claimed_by=delta)
            if len(plain) < len(positions):
                emit.say(site, f"{place}-{stem}-{step}-annotation-only", spot, claimed_by=delta)
    for step, parts in (("added", delta.added), ("removed", delta.removed)):
        for keyword, stem in _SINGLE.items():
            if keyword in parts:
                emit.say(site, f"{place}-{stem}-{step}", spot, claimed_by=delta)
        for keyword, stem in _MAPPED.items():
            for name in parts.get(keyword, ()):
                texts = (name, "") if step == "removed" else ("", name)
                emit.say(site, f"{place}-{stem}-{step}", spot, *texts, claimed_by=delta)
    for keyword, stem in _TEXTS.items():
        if keyword in delta.changed:
            emit.say(site, f"{place}-{stem}", spot, *delta.changed[keyword], claimed_by=delta)
    if "dependentRequired" in delta.changed:
        before, after = (v if isinstance(v, dict) else {} for v in delta.changed["dependentRequired"])
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                step = "added" if name not in before else "removed" if name not in after else "changed"
                sides = before.get(name, ""), after.get(name, "")
                emit.say(site, f"{place}-dependent-required-{step}", spot, *sides, claimed_by=delta)


def _annotates(emit: Emit, schema: Any, *, new: bool) -> bool:
    """Whether a part of an `allOf` restricts nothing."""
    return emit.deltas.alike({}, schema) if new else emit.deltas.alike(schema, {})


def _names(branches: list[Any], positions: list[int], step: str) -> tuple[str, str]:
    names = [str(branches[i].get("$ref") or f"#{i + 1}").rpartition("/")[2] for i in positions]
    return ("", ", ".join(names)) if step == "added" else (", ".join(names), "")


def _discriminator(emit: Emit, site: Site, delta: Delta, place: str, spot: Spot) -> None:
    if "discriminator" not in delta.changed:
        return
    before, after = delta.changed["discriminator"]
    stem = f"{place}-discriminator"
    if before is None or after is None:
        emit.say(site, f"{stem}-{'added' if before is None else 'removed'}", spot, claimed_by=delta)
        return
    if before.get("propertyName") != after.get("propertyName"):
        names = before.get("propertyName"), after.get("propertyName")
        emit.say(site, f"{stem}-property-name-changed", spot, *names, claimed_by=delta)
    one, two = before.get("mapping") or {}, after.get("mapping") or {}
    for name in sorted(one.keys() | two.keys()):
        if one.get(name) != two.get(name):
            step = "added" if name not in one else "deleted" if name not in two else "changed"
            emit.say(site, f"{stem}-mapping-{step}", spot, one.get(name, ""), two.get(name, ""), claimed_by=delta)


def _required(emit: Emit, site: Site, delta: Delta, place: str) -> None:
    if "required" not in delta.changed:
        return
    before, after = (v if isinstance(v, list) else [] for v in delta.changed["required"])
    old, new = (side.get("properties") or {} for side in (delta.old, delta.new))
    request, below = place.startswith("request"), place.endswith("property")
    for name in sorted(set(before) ^ set(after)):
        step = "required" if name in after else "optional"
        if name not in new or (name not in old and (request or below or step == "required")):
            continue
        one, two = (emit.deltas.new.resolve(side.get(name, {}), "")[0] for side in (old, new))
        if request:
            if two.get("readOnly") is True:
                continue
            suffix = "-with-default" if step == "required" and two.get("default") is not None else ""
            id_ = f"request-property-became-{step}{suffix}"
        else:
            hidden = (one if below else two).get("writeOnly") is True
            id_ = f"response-{'write-only-' if hidden else ''}property-became-{step}"
        spot = (join(delta.at, "properties", name), join(delta.to, "properties", name))
        emit.say(site, id_, spot, subject=name, claimed_by=delta)


def _property(emit: Emit, site: Site, at: tuple[Delta, Delta, str], direction: str) -> None:
    """What is said of properties only: who may read and write them, and their life."""
    parent, delta, name = at
    spot = (delta.at, delta.to)
    if name:
        need = "required" if name in (parent.old.get("required") or ()) else "optional"
        for keyword, stem in (("writeOnly", "write-only"), ("readOnly", "read-only")):
            if keyword in delta.changed:
                step = "" if delta.changed[keyword][1] is True else "not-"
                emit.say(site, f"{direction}-{need}-property-became-{step}{stem}", spot, claimed_by=delta)
    property_lifecycle(emit, site, delta, direction)
    property_stability(emit, site, delta, direction)


def _properties_came_and_went(emit: Emit, site: Site, delta: Delta, direction: str) -> None:
    moved = emit.transitions(delta).moved
    for step, parts, side, at in (
        ("removed", delta.removed, delta.old, delta.at), ("added", delta.added, delta.new, delta.to),
    ):  # fmt: skip
        reader = emit.deltas.old if step == "removed" else emit.deltas.new
        for name in parts.get("properties", ()):
            if step == "removed" and name in moved:
                continue
            pointer = join(at, "properties", name)
            schema = reader.resolve(side["properties"][name], pointer)[0]
            schema = schema if isinstance(schema, dict) else {}
            need = "required" if name in (side.get("required") or ()) else "optional"
            id_ = _property_id(schema, direction, need, step)
            spot = (pointer, None) if step == "removed" else (None, pointer)
            if id_:
                emit.say(site, id_, spot, subject=name, claimed_by=delta)


def _property_id(schema: dict[str, Any], direction: str, need: str, step: str) -> str:
    if direction == "response":
        hidden = "-write-only" if schema.get("writeOnly") is True else ""
        return f"response-{need}{hidden}-property-{step}"
    if schema.get("readOnly") is True:
        return ""
    if step == "removed":
        return "request-property-removed"
    with_default = "-with-default" if need == "required" and schema.get("default") is not None else ""
    return f"new-{need}-request-property{with_default}"
