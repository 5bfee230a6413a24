"""What does the literal reading say about a pair of documents?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from olorin_pipelines.diff.literal.delta import Deltas
from olorin_pipelines.diff.literal.emit import Emit, Site
from olorin_pipelines.diff.literal.levels import LEVELS
from olorin_pipelines.diff.literal.lifecycle import looked_at, removal, stability_of, stability_step
from olorin_pipelines.diff.literal.operations import operation, requirements
from olorin_pipelines.diff.literal.parameters import listed, parameters
from olorin_pipelines.diff.literal.uses import Options, Use
from olorin_pipelines.diff.paths import PathItem, match_paths, match_webhooks
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.openapi import join

__all__ = ["literal_uses", "version_step"]

_SEMVER = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?")


def literal_uses(old: Mapping[str, Any], new: Mapping[str, Any], options: Options | None = None) -> tuple[Use, ...]:
    """Return every use of every edit, in the order found; what it means for the version is said by `version_step`."""
    options = options or Options()
    deltas = Deltas(Reader(old), Reader(new))
    emit = Emit(deltas, options)
    emit.guarded(None, ("/paths", "/paths"), partial(_paths, emit))
    emit.guarded(None, ("/webhooks", "/webhooks"), partial(_webhooks, emit))
    emit.guarded(None, ("/security", "/security"), partial(_security, emit, old, new))
    emit.guarded(None, ("/components", "/components"), partial(_components, emit, old, new))
    return tuple(emit.uses)


def _paths(emit: Emit) -> None:
    for pair in match_paths(emit.deltas.old, emit.deltas.new):
        _path(emit, pair.old, pair.new)


def _webhooks(emit: Emit) -> None:
    for pair in match_webhooks(emit.deltas.old, emit.deltas.new):
        _webhook(emit, pair.old, pair.new)


def _security(emit: Emit, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for step, before, after in requirements(old.get("security"), new.get("security")):
        emit.say(None, f"api-global-security-{step}", ("/security", "/security"), before, after, subject="security")


def version_step(old: Mapping[str, Any], new: Mapping[str, Any], uses: Iterator[str]) -> str:
    """Return the id that a version earns which does not follow from errors among the ids, or nothing (SemVer only)."""
    infos = [info if isinstance(info := side.get("info"), Mapping) else {} for side in (old, new)]
    texts = [str(info.get("version") or "") for info in infos]
    found = [_SEMVER.fullmatch(text) for text in texts]
    if not found[0] or not found[1] or not any(id_ in LEVELS and LEVELS[id_].level == "ERR" for id_ in uses):
        return ""
    before, after = (tuple(map(int, match.groups())) for match in found if match)
    if texts[0] == texts[1]:
        return "api-version-not-bumped"
    if after <= before:
        return "api-version-decreased"
    major = after[1] > before[1] if before[0] == after[0] == 0 else after[0] > before[0]
    return "" if major else "api-major-version-not-bumped"


def _site(options: Options, method: str, path: str, item: Mapping[str, Any]) -> Site:
    return Site(method, path, options, stability_of(item) or "")


def _path(emit: Emit, old: PathItem | None, new: PathItem | None) -> None:
    options = emit.options
    if old is None or new is None:
        for method, one in (new.operations if new else {}).items():
            emit.say(_site(options, method, new.path if new else "", one.item), "endpoint-added", (None, one.pointer))
        kept = [
            one
            for one in (old.operations.values() if old else ())
            if (s := stability_of(one.item)) and looked_at(s, options)
        ]
        for method, one in (old.operations if old else {}).items():
            level = stability_of(one.item)
            site = _site(options, method, one.path, one.item)
            if level is None:
                emit.say(site, "api-invalid-stability-level", (one.pointer, None))
            elif kept and level not in ("alpha", "draft"):
                _removed(emit, site, one, "api-path-removed")
        return
    names = dict(zip(old.variables, new.variables, strict=False)) if old.path != new.path else {}
    _shared_parameters(emit, old, new)
    for method, one in old.operations.items():
        site = _site(options, method, old.path, one.item)
        two = new.operations.get(method)
        if two is not None:
            _kept(emit, one, two, old.path, names)
        elif stability_of(one.item) is None:
            emit.say(site, "api-invalid-stability-level", (one.pointer, None))
        elif looked_at(stability_of(one.item) or "stable", options):
            _removed(emit, site, one, "api-removed")
    for method, two in new.operations.items():
        if method not in old.operations:
            emit.say(_site(options, method, old.path, two.item), "endpoint-added", (None, two.pointer))


def _kept(emit: Emit, one: Any, two: Any, path: str, names: Mapping[str, str]) -> None:
    site = _site(emit.options, two.method, path, two.item)
    spot = (one.pointer, two.pointer)
    step = stability_step(one.item, two.item, emit.options)
    if step:
        id_ = "api-invalid-stability-level" if step == "invalid" else f"api-stability-{step}"
        emit.say(site, id_, spot)
    level = stability_of(two.item)
    if level is not None and not looked_at(level, emit.options):
        return
    emit.guarded(site, spot, partial(operation, emit, site, (one.item, one.pointer), (two.item, two.pointer)))
    before, after = listed(emit.deltas.old, one.item, one.pointer), listed(emit.deltas.new, two.item, two.pointer)
    emit.guarded(site, spot, partial(parameters, emit, site, before, after, names))


def _removed(emit: Emit, site: Site, one: Any, stem: str) -> None:
    step = removal(one.item, emit.options.today)
    if step:
        id_ = "api-path-sunset-parse" if step == "sunset-parse" else f"{stem}-{step}"
        emit.say(site, id_, (one.pointer, None))


def _shared_parameters(emit: Emit, old: PathItem, new: PathItem) -> None:
    """A parameter of a whole path concerns each of its operations."""
    items = [next(iter(side.operations.values())).path_item if side.operations else {} for side in (old, new)]
    before, after = listed(emit.deltas.old, items[0], old.pointer), listed(emit.deltas.new, items[1], new.pointer)
    known = {p.key for p in before}
    for parameter in after:
        if parameter.key not in known and parameter.key[0] != "path":
            need = "required" if parameter.item.get("required") is True else "optional"
            for method, two in new.operations.items():
                site = _site(emit.options, method, old.path, two.item)
                id_ = f"new-{need}-request-default-parameter-to-existing-path"
                emit.say(site, id_, (None, parameter.pointer), subject=parameter.label)


def _webhook(emit: Emit, old: PathItem | None, new: PathItem | None) -> None:
    """Webhooks are read as paths are, with the consumer and the provider in the roles they have there."""
    if old is None or new is None:
        side = old or new
        if side:
            spot = (side.pointer, None) if old else (None, side.pointer)
            emit.say(None, f"webhook-{'removed' if old else 'added'}", spot, subject=side.path)
        return
    path = f"webhook:{old.path.removeprefix('webhook ')}"
    for method, one in old.operations.items():
        if method in new.operations:
            _kept(emit, one, new.operations[method], path, {})
        else:
            _removed(emit, _site(emit.options, method, path, one.item), one, "api-removed")
    for method, two in new.operations.items():
        if method not in old.operations:
            emit.say(_site(emit.options, method, path, two.item), "endpoint-added", (None, two.pointer))


def _components(emit: Emit, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    before, after = ((side.get("components") or {}) for side in (old, new))
    schemas = [side.get("schemas") or {} for side in (before, after)]
    for name in schemas[0]:
        if name not in schemas[1]:
            emit.say(None, "api-schema-removed", (join("/components/schemas", name), None), name, subject=name)
    one, two = (side.get("securitySchemes") or {} for side in (before, after))
    for name in (*one, *(n for n in two if n not in one)):
        pointer = join("/components/securitySchemes", name)
        if name not in two:
            emit.say(None, "api-security-component-removed", (pointer, None), name, subject=name)
        elif name not in one:
            emit.say(None, "api-security-component-added", (None, pointer), "", name, subject=name)
        else:
            schemes = emit.deltas.old.resolve(one[name], pointer)[0], emit.deltas.new.resolve(two[name], pointer)[0]
            for id_, was, now in _scheme(*schemes):
                emit.say(None, f"api-security-component-{id_}", (pointer, pointer), was, now, subject=name)


def _scheme(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    if old.get("type") != new.get("type"):
        yield "type-changed", old.get("type"), new.get("type")
    flows = [flow for side in (old, new) if isinstance(flow := (side.get("flows") or {}).get("implicit"), dict)]
    if len(flows) < len((old, new)):
        return
    for key, id_ in (("authorizationUrl", "oauth-url-changed"), ("tokenUrl", "oauth-token-url-changed")):
        if flows[0].get(key, "") != flows[1].get(key, ""):
            yield id_, flows[0].get(key, ""), flows[1].get(key, "")
    before, after = (flow.get("scopes") or {} for flow in flows)
    for scope in sorted(before.keys() | after.keys()):
        if before.get(scope) != after.get(scope):
            step = "added" if scope not in before else "removed" if scope not in after else "changed"
            yield f"oauth-scope-{step}", before.get(scope, ""), after.get(scope, "")
