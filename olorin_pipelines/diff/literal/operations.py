"""What does the literal reading say about one operation: its life, bodies, answers and security?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from olorin_pipelines.diff.literal.delta import Delta
from olorin_pipelines.diff.literal.emit import Emit, Site
from olorin_pipelines.diff.literal.lifecycle import deprecation, sunset_step
from olorin_pipelines.diff.literal.schemas import body
from olorin_pipelines.diff.literal.transitions import nullability, type_step
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.shape import Node
from olorin_pipelines.openapi import Pointer, join

__all__ = ["operation", "requirements"]

Located = tuple[Mapping[str, Any], Pointer]


def operation(emit: Emit, site: Site, old: Located, new: Located) -> None:
    """Report everything about an operation but its parameters."""
    _life(emit, site, old, new)
    _request(emit, site, old, new)
    _responses(emit, site, old, new)
    spot = (join(old[1], "security"), join(new[1], "security"))
    for id_, before, after in requirements(old[0].get("security"), new[0].get("security")):
        if before != "{}" and after != "{}":
            emit.say(site, f"api-security-{id_}", spot, before, after, subject="security")


_DEPRECATED = {
    "sunset-missing": "api-deprecated-sunset-missing", "sunset-parse": "api-deprecated-sunset-parse",
    "too-small": "api-sunset-date-too-small", "with-sunset": "endpoint-deprecated-with-sunset",
    "plain": "endpoint-deprecated",
}  # fmt: skip
_SUNSET = {
    "deleted": "sunset-deleted",
    "parse": "api-path-sunset-parse",
    "too-small": "api-sunset-date-changed-too-small",
}


def _life(emit: Emit, site: Site, old: Located, new: Located) -> None:
    (one, at), (two, to) = old, new
    spot = (at, to)
    was, now = (side.get("deprecated") is True for side in (one, two))
    if was != now:
        emit.say(site, _DEPRECATED[deprecation(two, site)] if now else "endpoint-reactivated", spot)
    if step := sunset_step(one, two, site):
        emit.say(site, _SUNSET[step], spot)
    before, after = (str(side.get("operationId") or "") for side in (one, two))
    if before != after:
        emit.say(site, f"api-operation-id-{'removed' if before else 'added'}", spot, before, after)
    tags = [[str(t) for t in side.get("tags") or ()] for side in (one, two)]
    for tag in tags[0]:
        if tag not in tags[1]:
            emit.say(site, "api-tag-removed", spot, tag)
    for tag in tags[1]:
        if tag not in tags[0]:
            emit.say(site, "api-tag-added", spot, "", tag)


def _request(emit: Emit, site: Site, old: Located, new: Located) -> None:
    deltas = emit.deltas
    one, at = _child(deltas.old, old, "requestBody")
    two, to = _child(deltas.new, new, "requestBody")
    if one is None or two is None:
        if two is not None:
            need = "required" if two.get("required") is True else "optional"
            emit.say(site, f"request-body-added-{need}", (None, to), "", need)
        elif one is not None:
            emit.say(site, "request-body-removed", (at, None))
        return
    before, after = (side.get("required") is True for side in (one, two))
    if before != after:
        emit.say(site, f"request-body-became-{'required' if after else 'optional'}", (at, to))
    _content(emit, site, (one, at), (two, to), request=True)


def _child(reader: Reader, owner: Located, key: str) -> tuple[Mapping[str, Any] | None, Pointer]:
    item, pointer = reader.resolve(owner[0].get(key), join(owner[1], key))
    return (item if isinstance(item, Mapping) else None), pointer


def _content(emit: Emit, site: Site, old: Located, new: Located, *, request: bool) -> None:
    one, two = (side[0].get("content") or {} for side in (old, new))
    stem = "request-body-media-type" if request else "response-media-type"
    pairs, gone, come = _media_types(one, two)
    for name in gone:
        emit.say(site, f"{stem}-removed", (join(old[1], "content", name), None), name)
    for name in come:
        emit.say(site, f"{stem}-added", (None, join(new[1], "content", name)), "", name)
    for name, other in pairs:
        at, to = join(old[1], "content", name), join(new[1], "content", other)
        if name != other and not request:
            emit.say(site, f"response-media-type-name-{_name_step(name, other)}", (at, to), name, other)
        schemas = [media.get("schema") if isinstance(media, Mapping) else None for media in (one[name], two[other])]
        place = "request-body" if request else "response-body"
        if (schemas[0] is None) != (schemas[1] is None):
            step = "added" if schemas[0] is None else "removed"
            emit.say(site, f"{place}-media-type-schema-{step}", (at, to), subject=name)
        elif schemas[0] is not None:
            delta = emit.deltas.compare(Node(schemas[0], join(at, "schema")), Node(schemas[1], join(to, "schema")))
            if not delta.empty:
                body(emit, site, delta, request=request, media_type=other)


def _media_types(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[list[tuple[str, str]], list[str], list[str]]:
    pairs = [(name, name) for name in old if name in new]
    gone, come = [name for name in old if name not in new], [name for name in new if name not in old]
    for name in list(come):
        other = next((one for one in gone if _within(one, name) or _within(name, one)), None)
        if other is not None:
            pairs.append((other, name))
            gone.remove(other)
            come.remove(name)
    return pairs, gone, come


def _parts(name: str) -> tuple[str, str, str, str]:
    plain, _, parameters = name.partition(";")
    kind, _, rest = plain.strip().partition("/")
    subtype, _, suffix = rest.partition("+")
    return kind, subtype, suffix, parameters.replace(" ", "")


def _within(wide: str, narrow: str) -> bool:
    """Whether the second name stands for something the first one stands for too (RFC 6838, section 4.2.8)."""
    one, two = _parts(wide), _parts(narrow)
    if one[0] != two[0] or not one[1]:
        return False
    return (not one[2] and two[2] == one[1] and bool(two[2])) or one[1:3] == two[1:3]


def _name_step(old: str, new: str) -> str:
    if _parts(old)[3] != _parts(new)[3]:
        return "changed"
    return "specialized" if _within(old, new) else "generalized"


def _responses(emit: Emit, site: Site, old: Located, new: Located) -> None:
    deltas = emit.deltas
    one, at = _child(deltas.old, old, "responses")
    two, to = _child(deltas.new, new, "responses")
    one, two = one or {}, two or {}
    for status in (*one, *(s for s in two if s not in one)):
        if str(status).startswith("x-"):
            continue
        here, there = join(at, status), join(to, status)
        if status in one and status in two:
            before, here = deltas.old.resolve(one[status], here)
            after, there = deltas.new.resolve(two[status], there)
            if isinstance(before, Mapping) and isinstance(after, Mapping):
                _content(emit, site, (before, here), (after, there), request=False)
                _headers(emit, site, (before, here), (after, there))
        elif str(status).isdigit():
            kind = "success" if str(status).startswith("2") and len(str(status)) == 3 else "non-success"
            step = "removed" if status in one else "added"
            spot = (here, None) if step == "removed" else (None, there)
            emit.say(site, f"response-{kind}-status-{step}", spot, subject=str(status))


def _headers(emit: Emit, site: Site, old: Located, new: Located) -> None:
    one, two = (_lowered(side[0].get("headers")) for side in (old, new))
    for name in (*one, *(n for n in two if n not in one)):
        written, raw = one.get(name, (name, None))
        before, at = emit.deltas.old.resolve(raw, join(old[1], "headers", written))
        written, raw = two.get(name, (name, None))
        after, to = emit.deltas.new.resolve(raw, join(new[1], "headers", written))
        if not isinstance(after, Mapping):
            need = "required" if isinstance(before, Mapping) and before.get("required") is True else "optional"
            emit.say(site, f"{need}-response-header-removed", (at, None), subject=name)
        elif not isinstance(before, Mapping):
            emit.say(site, "response-header-added", (None, to), subject=name)
        else:
            if before.get("required") is True and after.get("required") is not True:
                emit.say(site, "response-header-became-optional", (at, to), subject=name)
            if isinstance(before.get("schema"), dict) and isinstance(after.get("schema"), dict):
                nodes = [Node(h["schema"], join(p, "schema")) for h, p in ((before, at), (after, to))]
                _header_schema(emit, site, emit.deltas.compare(nodes[0], nodes[1]), name)


def _lowered(headers: Any) -> dict[str, tuple[str, Any]]:
    """Return (name as written, header) by the name without case (RFC 9110, section 5.1)."""
    return {str(n).lower(): (n, header) for n, header in headers.items()} if isinstance(headers, Mapping) else {}


def _header_schema(emit: Emit, site: Site, delta: Delta, name: str) -> None:
    spot = (delta.at, delta.to)
    if "type" in delta.changed or "format" in delta.changed:
        step = type_step(delta, request=False, strong=False)
        emit.say(site, f"response-header-type-{step}", spot, subject=name, claimed_by=delta)
    if step := nullability(delta, emit.transitions(delta)):
        emit.say(site, f"response-header-{step}", spot, subject=name)


def requirements(old: Any, new: Any) -> Iterator[tuple[str, str, str]]:
    """Yield (step, before, after) for the security requirements of an operation or of the document."""
    gone, come = ([dict(one) for one in side] if isinstance(side, list) else [] for side in (old, new))
    for one in list(gone):
        same = next((two for two in come if _scoped(one) == _scoped(two)), None)
        if same is not None:
            gone.remove(one)
            come.remove(same)
    for one in list(gone):
        alike = [two for two in come if two.keys() == one.keys()]
        if len(alike) == 1 and sum(other.keys() == one.keys() for other in gone) == 1:
            gone.remove(one)
            come.remove(alike[0])
            for name in one:
                before, after = one[name] or [], alike[0][name] or []
                yield from (("scope-added", "", f"{name}: {scope}") for scope in after if scope not in before)
                yield from (("scope-removed", f"{name}: {scope}", "") for scope in before if scope not in after)
    yield from (("removed", _text(one), "") for one in gone)
    yield from (("added", "", _text(two)) for two in come)


def _scoped(requirement: Mapping[str, Any]) -> dict[str, set[str]]:
    return {name: set(map(str, scopes or ())) for name, scopes in requirement.items()}


def _text(requirement: Mapping[str, Any]) -> str:
    parts = (
        f"{name}: [{', '.join(sorted(scopes))}]" if scopes else name for name, scopes in sorted(requirement.items())
    )
    return " and ".join(parts) or "{}"
