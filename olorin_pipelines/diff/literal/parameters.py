"""What does the literal reading say about the parameters of an operation?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from olorin_pipelines.diff.literal.delta import Delta, Deltas, types_of
from olorin_pipelines.diff.literal.emit import Emit, Site, bound_step
from olorin_pipelines.diff.literal.lifecycle import deprecation, removal, sunset_step
from olorin_pipelines.diff.literal.schemas import BOUNDS, enum_values, walk
from olorin_pipelines.diff.literal.transitions import breaks_parameter, nullability
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.diff.values import text_of
from olorin_pipelines.openapi import Pointer, join

__all__ = ["Parameter", "listed", "parameters"]


class Parameter(NamedTuple):
    """A resolved parameter."""

    item: Mapping[str, Any]
    pointer: Pointer

    @property
    def key(self) -> tuple[str, str]:
        """Where it is sent, and its name; the names of headers have no case (RFC 9110, section 5.1)."""
        place, name = str(self.item.get("in")), str(self.item.get("name"))
        return place, name.lower() if place == "header" else name

    @property
    def label(self) -> str:
        """Its name for people."""
        return "{} parameter `{}`".format(*self.key)

    @property
    def exploded_object(self) -> bool:
        """Whether each property of it is sent as a parameter of its own."""
        schema = self.item.get("schema")
        style = self.item.get("style", "form" if self.key[0] in ("query", "cookie") else "")
        if not isinstance(schema, dict) or self.item.get("explode") is not True or style != "form":
            return False
        return types_of(schema) == ["object"] and bool(schema.get("properties"))


def listed(reader: Reader, owner: Mapping[str, Any], pointer: Pointer) -> list[Parameter]:
    """Return the parameters of a path item or an operation."""
    raw = owner.get("parameters")
    found = (
        reader.resolve(one, join(pointer, "parameters", i))
        for i, one in enumerate(raw if isinstance(raw, list) else ())
    )
    return [Parameter(item, at) for item, at in found if isinstance(item, Mapping)]


def parameters(emit: Emit, site: Site, old: list[Parameter], new: list[Parameter], names: Mapping[str, str]) -> None:
    """Report the parameters of one operation; `names` says what path parameters are called now."""
    gone, come = list(old), list(new)
    for exploded, simple, forward in ((come, gone, True), (gone, come, False)):
        for whole in [p for p in exploded if p.exploded_object and p.key[0] in ("query", "cookie")]:
            inside = whole.item["schema"]["properties"]
            parts = [p for p in simple if not p.exploded_object and p.key[0] == whole.key[0] and p.key[1] in inside]
            for part in parts:
                name = part.key[1]
                virtual = Parameter({**whole.item, "name": name, "schema": inside[name]}, whole.pointer)
                _kept(emit, site, *((part, virtual) if forward else (virtual, part)))
                simple.remove(part)
            if parts:
                exploded.remove(whole)
    for one in list(gone):
        two = next((p for p in come if _same(one, p, names)), None)
        if two is not None:
            gone.remove(one)
            come.remove(two)
            _kept(emit, site, one, two)
    for one in gone:
        _removed(emit, site, one)
    for two in come:
        place, _ = two.key
        need = "required" if two.item.get("required") is True else "optional"
        id_ = "new-request-path-parameter" if place == "path" else f"new-{need}-request-parameter"
        emit.say(site, id_, (None, two.pointer), "", need, subject=two.label)


def _same(one: Parameter, two: Parameter, names: Mapping[str, str]) -> bool:
    (place, name), other = one.key, two.key
    return other == (place, names.get(name, name) if place == "path" and names else name)


def _removed(emit: Emit, site: Site, parameter: Parameter) -> None:
    step = removal(parameter.item, site.options.today)
    ids = {
        "without-deprecation": "request-parameter-removed",
        "with-deprecation": "request-parameter-removed-with-deprecation",
        "sunset-parse": "request-parameter-sunset-parse",
        "before-sunset": "request-parameter-removed-before-sunset",
    }
    if step:
        emit.say(site, ids[step], (parameter.pointer, None), subject=parameter.label)


_DEPRECATED = {
    "sunset-missing": "deprecated-sunset-missing", "sunset-parse": "sunset-parse", "too-small": "sunset-date-too-small",
    "with-sunset": "deprecated", "plain": "deprecated",
}  # fmt: skip
_SUNSET = {"deleted": "sunset-deleted", "parse": "sunset-parse", "too-small": "sunset-date-changed-too-small"}


def _kept(emit: Emit, site: Site, old: Parameter, new: Parameter) -> None:
    spot, stem = (old.pointer, new.pointer), "request-parameter"
    before, after = (p.item.get("required") is True for p in (old, new))
    if before != after:
        emit.say(site, f"{stem}-became-{'required' if after else 'optional'}", spot, subject=old.label)
    was, now = (p.item.get("deprecated") is True for p in (old, new))
    if was != now:
        step = _DEPRECATED[deprecation(new.item, site)] if now else "reactivated"
        emit.say(site, f"{stem}-{step}", spot, subject=old.label)
    if step := sunset_step(old.item, new.item, site):
        emit.say(site, f"{stem}-{_SUNSET[step]}", spot, subject=old.label)
    if isinstance(old.item.get("schema"), dict) and isinstance(new.item.get("schema"), dict):
        delta = _delta(emit.deltas, old, new)
        _schema(emit, site, delta, new, optional=not before and not after)
        _below(emit, site, delta, new)


def _delta(deltas: Deltas, old: Parameter, new: Parameter) -> Delta:
    one, two = (Node(p.item["schema"], join(p.pointer, "schema")) for p in (old, new))
    return deltas.compare(one, two)


def _schema(emit: Emit, site: Site, delta: Delta, parameter: Parameter, *, optional: bool) -> None:
    spot, stem, label = (delta.at, delta.to), "request-parameter", parameter.label
    transitions = emit.transitions(delta)

    def say(step: str, before: Any = "", after: Any = "", claimed: Delta | None = None) -> None:
        emit.say(site, f"{stem}-{step}", spot, before, after, subject=label, claimed_by=claimed)

    if "type" in delta.changed or "format" in delta.changed:
        breaks = breaks_parameter(delta, strong=False) and not _becomes_list(emit.deltas, delta, parameter)
        say("type-changed" if breaks else "type-generalized", *_types(delta), claimed=delta)
    if transitions.types_added or transitions.types_removed:
        say(f"list-of-types-{'narrowed' if transitions.types_removed else 'widened'}", claimed=delta)
    if step := nullability(delta, transitions):
        say(step, claimed=delta)
    gone, come = enum_values(delta)
    if "enum" in delta.changed and delta.changed["enum"][0] is None and come:
        say("became-enum", "", come, delta)
        if parameter.key[0] == "header":
            emit.say(site, "request-header-property-became-enum", spot, "", come, subject=label)
    for value in gone:
        say("enum-value-removed", text_of(value), "", delta)
    for value in come:
        say("enum-value-added", "", text_of(value), delta)
    if "pattern" in delta.changed:
        before, after = delta.changed["pattern"]
        step = "added" if not before else "removed" if not after else "generalized" if after == ".*" else "changed"
        say(f"pattern-{step}", before, after, delta)
    if optional and "default" in delta.changed:
        before, after = delta.changed["default"]
        say(f"default-value-{'added' if before is None else 'removed' if after is None else 'changed'}", before, after)
    _extensible(emit, site, delta, label)
    for keyword, bound, other in BOUNDS:
        if keyword in delta.changed and keyword != "maxItems":  # its own may stand at the items
            before, after = delta.changed[keyword]
            say(f"{bound}-{bound_step(before, after, other)}", before, after)
    items = next((child.delta for child in delta.children if child.keyword == "items"), delta)
    if pair := delta.changed.get("maxItems") or items.changed.get("maxItems"):
        say(f"max-items-{bound_step(*pair, 'decreased')}", *pair)


def _types(delta: Delta) -> tuple[str, str]:
    return ", ".join(types_of(delta.old)) or "any", ", ".join(types_of(delta.new)) or "any"


def _becomes_list(deltas: Deltas, delta: Delta, parameter: Parameter) -> bool:
    """Whether a single value became a list of such values, of which one is written the same (form, exploded)."""
    old, new = ([t for t in types_of(side) if t != "null"] for side in (delta.old, delta.new))
    style = parameter.item.get("style") or ("form" if parameter.key[0] in ("query", "cookie") else "simple")
    explode = parameter.item.get("explode", style == "form")
    if new != ["array"] or not old or style != "form" or not explode:
        return False
    items = deltas.new.resolve(delta.new.get("items"), "")[0]
    if not isinstance(items, dict):
        return False
    inner = [t for t in types_of(items) if t != "null"]
    fits = len(inner) == len(old) == 1 and (inner == old or (old, inner) == (["integer"], ["number"]))
    strip = ("type", "nullable")
    base, item = ({k: v for k, v in side.items() if k not in strip} for side in (delta.old, items))
    return (fits or not inner or inner == ["string"]) and deltas.alike(base, item)


def _extensible(emit: Emit, site: Site, delta: Delta, label: str) -> None:
    before, after = delta.changed.get("x-extensible-enum", (None, None))
    for value in before if isinstance(before, list) and isinstance(after, list) else ():
        if value not in after:
            id_ = "request-parameter-x-extensible-enum-value-removed"
            emit.say(site, id_, (delta.at, delta.to), value, subject=label)


def _below(emit: Emit, site: Site, root: Delta, parameter: Parameter) -> None:
    """Report what stands inside a parameter."""
    stem, label, header = "request-parameter-property", parameter.label, parameter.key[0] == "header"
    for _, delta, _ in walk(root):
        spot, transitions = (delta.at, delta.to), emit.transitions(delta)
        if "type" in delta.changed or "format" in delta.changed:
            strong, loose = (breaks_parameter(delta, strong=s) for s in (True, False))
            step = "changed" if strong != loose else "specialized" if strong else "generalized"
            emit.say(site, f"{stem}-type-{step}", spot, *_types(delta), subject=label, claimed_by=delta)
        if transitions.types_added or transitions.types_removed:
            step = "narrowed" if transitions.types_removed else "widened"
            emit.say(site, f"{stem}-list-of-types-{step}", spot, subject=label, claimed_by=delta)
        if step := nullability(delta, transitions):
            emit.say(site, f"{stem}-{step}", spot, subject=label, claimed_by=delta)
        gone, come = enum_values(delta)
        for value in gone:
            emit.say(site, f"{stem}-enum-value-removed", spot, text_of(value), subject=label, claimed_by=delta)
        for value in come:
            emit.say(site, f"{stem}-enum-value-added", spot, "", text_of(value), subject=label, claimed_by=delta)
        if header and come and delta.changed["enum"][0] is None:
            emit.say(site, "request-header-property-became-enum", spot, "", come, subject=label)
    if header:
        for delta in (root, *(below for _, below, _ in walk(root))):
            _header(emit, site, delta, root, label)


def _header(emit: Emit, site: Site, delta: Delta, root: Delta, label: str) -> None:
    required, old, new = (
        delta.new.get("required") or (),
        delta.old.get("properties") or {},
        delta.new.get("properties") or {},
    )
    for name in delta.added.get("properties", ()):
        if name in required and new[name].get("readOnly") is not True:
            to = join(delta.to, "properties", name)
            emit.say(site, "new-required-request-header-property", (None, to), subject=label)
    before = (delta.changed["required"][0] or ()) if "required" in delta.changed else required
    for name in required:
        if name not in before and name in new and not _read_only(new[name]) and (name in old or delta is not root):
            at, to = delta.at, join(delta.to, "properties", name)
            emit.say(site, "request-header-property-became-required", (at, to), subject=label)


def _read_only(schema: Any) -> bool:
    """Whether a schema is read only."""
    return isinstance(schema, dict) and schema.get("readOnly") is True
