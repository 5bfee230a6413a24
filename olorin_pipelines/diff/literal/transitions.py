"""Which larger change do the keywords of a schema add up to, and is a change of type one that old values survive?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from olorin_pipelines.diff.literal.delta import Delta, Deltas, types_of

__all__ = ["Transitions", "breaks_parameter", "is_json", "nullability", "type_step"]

_WIDER_FORMATS = {
    "number": {("float", "double")},
    "integer": {("int32", "int64"), ("int32", "bigint"), ("int64", "bigint")},
    "string": {("date", "date-time"), ("time", "date-time")},
}


class Transitions:
    """What a delta is as a whole: wrapped in null, wrapped in a oneOf, or another list of types."""

    def __init__(self, deltas: Deltas, delta: Delta) -> None:
        self.null_added = _null_wrap(deltas, delta.old, delta.new, forward=True)
        self.null_removed = not self.null_added and _null_wrap(deltas, delta.new, delta.old, forward=False)
        self.moved = _moved_into_one_of(deltas, delta)
        self.types_added, self.types_removed = _list_of_types(deltas, delta)
        old, new = set(types_of(delta.old)), set(types_of(delta.new))
        self.only_null = bool(old ^ new) and old ^ new <= {"null"} and "format" not in delta.changed

    def speaks_for(self, id_: str, kind: str) -> bool:
        """Whether the transition is reported by itself, so that this id says nothing more."""
        wrapped = self.null_added or self.null_removed
        nullable = "became-nullable" in id_ or "became-not-nullable" in id_
        if wrapped and kind in _WRAPPED_KINDS and not nullable:
            return True
        if self.moved and kind in ("type", "structure") and not id_.endswith(_ONE_OF_IDS):
            return True
        listed = self.types_added or self.types_removed
        if listed and kind in ("type", "structure") and "-list-of-types-" not in id_:
            return True
        return self.only_null and kind == "type" and not nullable


_WRAPPED_KINDS = frozenset({"type", "values", "constraints", "structure", "existence", "requiredness"})
_ONE_OF_IDS = ("-body-wrapped-in-one-of", "-property-one-of-added")


def _bare(deltas: Deltas, schema: Mapping[str, Any], keyword: str, *, new: bool) -> bool:
    """Whether a schema of the new or the old document restricts nothing but by one keyword."""
    rest = {key: value for key, value in schema.items() if key != keyword}
    return deltas.alike({}, rest) if new else deltas.alike(rest, {})


def _null_wrap(deltas: Deltas, plain: Mapping[str, Any], wrapped: Mapping[str, Any], *, forward: bool) -> bool:
    """Whether `wrapped` is `plain` or null; `forward` when `wrapped` is of the new document."""
    if any(plain.get(key) for key in ("oneOf", "anyOf", "allOf")) or "not" in plain:
        return False
    if plain.get("nullable") is True or "null" in types_of(plain):
        return False
    branches = wrapped.get("oneOf")
    if not isinstance(branches, list) or len(branches) != 2 or not _bare(deltas, wrapped, "oneOf", new=forward):
        return False
    resolved = [_resolved(deltas, branch, new=forward) for branch in branches]
    payload = [one for one in resolved if types_of(one) != ["null"] or not _bare(deltas, one, "type", new=forward)]
    if len(payload) != 1:
        return False
    return deltas.alike(plain, payload[0]) if forward else deltas.alike(payload[0], plain)


def _resolved(deltas: Deltas, schema: Any, *, new: bool) -> Mapping[str, Any]:
    target = (deltas.new if new else deltas.old).resolve(schema, "")[0]
    return target if isinstance(target, dict) else {}


def _moved_into_one_of(deltas: Deltas, delta: Delta) -> frozenset[str]:
    old, new = delta.old, delta.new
    if old.get("oneOf") or not old.get("properties") or not new.get("oneOf") or new.get("properties") or types_of(new):
        return frozenset()
    kept: set[str] = set()
    for branch in new["oneOf"]:
        kept |= set(_resolved(deltas, branch, new=True).get("properties") or ())
    return frozenset(old["properties"]) & kept


def _list_of_types(deltas: Deltas, delta: Delta) -> tuple[set[str], set[str]]:
    old, new = _type_pattern(deltas, delta.old, new=False), _type_pattern(deltas, delta.new, new=True)
    if (
        old is None
        or new is None
        or not (old[1] or new[1])
        or (set(old[0]) == set(new[0]) and len(old[0]) == len(new[0]))
    ):
        return set(), set()
    return set(new[0]) - set(old[0]), set(old[0]) - set(new[0])


def _type_pattern(deltas: Deltas, schema: Mapping[str, Any], *, new: bool) -> tuple[list[str], bool] | None:
    if "not" in schema or schema.get("allOf") or schema.get("properties"):
        return None
    if types := types_of(schema):
        return types[:1], False
    for keyword in ("oneOf", "anyOf"):
        branches = [_resolved(deltas, branch, new=new) for branch in schema.get(keyword) or ()]
        if branches and all(
            len(types_of(b)) == 1 and not any(b.get(key) for key in ("properties", "oneOf", "anyOf", "allOf"))
            for b in branches
        ):
            return [types_of(b)[0] for b in branches], True
    return None


def nullability(delta: Delta, transitions: Transitions) -> str:
    """Return "became-nullable", "became-not-nullable" or nothing."""
    if "nullable" in delta.changed:
        before, after = delta.changed["nullable"]
        return "became-not-nullable" if before is True else "became-nullable" if after is True else ""
    old, new = types_of(delta.old), types_of(delta.new)
    if new and "null" in old and "null" not in new:
        return "became-not-nullable"
    if old and "null" in new and "null" not in old:
        return "became-nullable"
    return "became-nullable" if transitions.null_added else "became-not-nullable" if transitions.null_removed else ""


def is_json(media_type: str) -> bool:
    """Whether a value's type can be told from its text."""
    return media_type == "application/json" or media_type.endswith("+json")


def type_step(delta: Delta, *, request: bool, strong: bool) -> str:
    """Return "changed", "generalized", "specialized" or "compatible" for a change of type or format."""
    old, new = types_of(delta.old), types_of(delta.new)
    changed = set(old) != set(new)
    widened, narrowed = changed and _subset(old, new), changed and _subset(new, old)
    formats = delta.changed.get("format")
    if request:
        judged = changed and not widened
        breaks = _breaks((old, new) if judged else None, formats, strong=strong, target=new, any_target=judged)
    else:
        judged = changed and not narrowed
        reverse = (formats[1], formats[0]) if formats else None
        breaks = _breaks((new, old) if judged else None, reverse, strong=strong, target=old, any_target=judged)
    if breaks:
        return "generalized" if widened and not request else "changed"
    swap = changed and bool(old) and bool(new) and not (widened if request else narrowed)
    return "compatible" if swap else "generalized" if request else "specialized"


def breaks_parameter(delta: Delta, *, strong: bool) -> bool:
    """Whether values of a parameter's old type no longer pass."""
    old, new = types_of(delta.old), types_of(delta.new)
    sides = (old, new) if set(old) != set(new) else None
    return _breaks(sides, delta.changed.get("format"), strong=strong, target=new, any_target=False)


def _breaks(
    sides: tuple[list[str], list[str]] | None,
    formats: tuple[Any, Any] | None,
    *,
    strong: bool,
    target: list[str],
    any_target: bool,
) -> bool:
    """Whether a value of the first side may be none of the second; `target` are the types its format belongs to."""
    if any_target and not target:
        return False
    by_type = False
    if sides is not None:
        source, to = sides
        come, gone = [t for t in to if t not in source], [t for t in source if t not in to]
        by_type = not _contained(come, gone, strong=strong)
    return by_type or (formats is not None and not _format_contained(target, *formats))


def _contained(come: list[str], gone: list[str], *, strong: bool) -> bool:
    if len(come) == len(gone) == 1 and _subtype(gone[0], come[0]):
        return True
    return not strong and (not come or come == ["string"])


def _format_contained(types: list[str], before: Any, after: Any) -> bool:
    if not after:
        return True
    return len(types) == 1 and (before, after) in _WIDER_FORMATS.get(types[0], set())


def _subset(sub: Iterable[str], whole: list[str]) -> bool:
    sub = list(sub)
    return bool(sub) and all(any(_subtype(one, other) for other in whole) for one in sub)


def _subtype(sub: str, whole: str) -> bool:
    return sub == whole or (sub == "integer" and whole == "number")
