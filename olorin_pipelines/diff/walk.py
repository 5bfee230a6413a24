"""What is different between two documents? Both are walked once; equal subtrees cost a comparison and no more."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from datetime import date
from functools import partial
from typing import Any

from olorin_pipelines.diff.change import BROKEN, UNSHOWN, Change
from olorin_pipelines.diff.inversion import inverted
from olorin_pipelines.diff.operation import Side, operation_changes
from olorin_pipelines.diff.paths import Pair, PathItem, match_paths, match_webhooks, path_item, presence
from olorin_pipelines.diff.reader import Reader
from olorin_pipelines.diff.sameness import Sameness, Standing
from olorin_pipelines.diff.schemas import SchemaWalk
from olorin_pipelines.diff.security import scheme_changes, security_changes, used_schemes
from olorin_pipelines.diff.sites import sites
from olorin_pipelines.diff.trace import Trace
from olorin_pipelines.diff.values import short, text_of
from olorin_pipelines.openapi import Operation, Pointer, join

__all__ = ["compare"]


def compare(old: Mapping[str, Any], new: Mapping[str, Any], *, today: date | None = None) -> tuple[Change, ...]:
    """Return the changes from `old` to `new`, each once, with the operations it reaches.

    Judged later, by `judge`; `today` tells which sunset dates have come. Not looked at: `info`, tags, links, examples,
    most `x-` fields, components nobody uses.
    """
    return _Walk(old, new, today).run()


class _Walk:
    """The walk over one pair of documents."""

    def __init__(self, old: Mapping[str, Any], new: Mapping[str, Any], today: date | None) -> None:
        self._old, self._new, self._today = Reader(old), Reader(new), today
        self._sameness, self._trace = Sameness(old, new), Trace()
        self._schemas = SchemaWalk(self._old, self._new, self._sameness, self._trace)
        components = [side["components"] if isinstance(side.get("components"), Mapping) else {} for side in (old, new)]
        schemes = [one.get("securitySchemes") for one in components]
        self._security_alike = old.get("security") == new.get("security") and self._sameness.same(*schemes)

    def run(self) -> tuple[Change, ...]:
        if self._sameness.same(self._old.document, self._new.document):
            return ()
        self._guarded("the paths", ("/paths", "/paths"), self._paths)
        self._guarded("the webhooks", ("/webhooks", "/webhooks"), self._webhooks)
        self._servers()
        return self._trace.changes()

    def _guarded(self, label: str, at: tuple[Pointer, Pointer], walk: Callable[[], None], key: str = "") -> None:
        """A corner that is not written as OpenAPI has it is a finding, and never the end of the comparison."""
        try:
            walk()
        except BROKEN as error:
            context = ("broken", label)
            self._trace.add(context, Change(UNSHOWN, *at, "", "", f"{label}, of which not all can be read ({error}),"))
            if key:
                self._trace.operation(key, context)

    def _paths(self) -> None:
        for pair in match_paths(self._old, self._new):
            for change, keys in presence(pair, self._today):
                self._root(change, keys)
            if pair.old and pair.new:
                self._path(pair.old, pair.new)

    def _webhooks(self) -> None:
        for pair in match_webhooks(self._old, self._new):
            self._webhook(pair)

    def _root(self, change: Change, keys: tuple[str, ...]) -> None:
        context = ("root", change)
        self._trace.add(context, change)
        for key in keys:
            self._trace.operation(key, context)

    def _path(self, old: PathItem, new: PathItem) -> None:
        for method in old.operations.keys() & new.operations.keys():
            one = Side(self._old, old.operations[method], old.variables)
            two = Side(self._new, new.operations[method], new.variables)
            at = (one.operation.pointer, two.operation.pointer)
            label = f"operation `{one.operation.key}`"
            self._guarded(label, at, partial(self._both, one, two), one.operation.key)

    def _both(self, one: Side, two: Side) -> None:
        context = ("operation", one.operation.key)
        self._trace.operation(one.operation.key, context)
        standing = self._standing(one.operation, two.operation)
        if standing is Standing.OTHER or not self._security_alike:
            self._security(one.operation, two.operation, context)
        if standing is Standing.SAME:
            return
        parts = sites(one, two, self._sameness.leads) if standing is Standing.ALIKE else None
        if parts is None:
            self._operation(one, two, context)
        for part in parts or ():
            self._schemas.compare(part, context)

    def _standing(self, old: Operation, new: Operation) -> Standing:
        """Return how two operations stand, the parameters of their paths included."""
        if old.path != new.path:
            return Standing.OTHER
        standing = self._sameness.standing
        found = {standing(old.item, new.item)}
        found.add(standing(old.path_item.get("parameters"), new.path_item.get("parameters")))
        return next(one for one in (Standing.OTHER, Standing.ALIKE, Standing.SAME) if one in found)

    def _operation(self, old: Side, new: Side, context: Hashable, *, way: str = "") -> None:
        for found in operation_changes(old, new):
            if isinstance(found, Change):
                self._trace.add(context, inverted(found, way) if way else found)
            elif way:
                label = f"{found.label} of the {way}"
                self._schemas.compare(found._replace(place=found.place.inverted, label=label, way=way), context)
            else:
                self._schemas.compare(found, context)
        self._callbacks(old, new, context)

    def _security(self, old: Operation, new: Operation, context: Hashable) -> None:
        for change in security_changes((self._old, old), (self._new, new)):
            self._trace.add(context, change)
        for name in used_schemes(self._old, old) & used_schemes(self._new, new):
            if self._trace.enter(scheme := ("scheme", name), context):
                for change in scheme_changes(self._old, self._new, name):
                    self._trace.add(scheme, change)

    def _callbacks(self, old: Side, new: Side, context: Hashable) -> None:
        """A callback is an operation that the consumer serves, at an address that it names in the request."""
        (before, at), (after, to) = old.child("callbacks"), new.child("callbacks")
        if self._sameness.same(before, after):
            return
        for name in before | after:
            one = self._old.resolve(before.get(name, {}), join(at, name))
            two = self._new.resolve(after.get(name, {}), join(to, name))
            for url in one[0] | two[0]:
                label = f"callback {name} {url}"
                first = path_item(self._old, label, one[0].get(url), join(one[1], url))
                second = path_item(self._new, label, two[0].get(url), join(two[1], url))
                self._served_by_consumer(Pair(first, second), context, "callback")

    def _webhook(self, pair: Pair) -> None:
        """A webhook is an operation that the consumer serves."""
        if pair.old and pair.new:
            context = ("webhook", pair.old.path)
            for operation in (*pair.old.operations.values(), *pair.new.operations.values()):
                self._trace.operation(operation.key, context)
            self._served_by_consumer(pair, context, "webhook")
            return
        only = pair.old or pair.new
        if only:
            kind = "webhook-removed" if pair.old else "webhook-added"
            at, to = (only.pointer, None) if pair.old else (None, only.pointer)
            keys = tuple(operation.key for operation in only.operations.values())
            self._root(Change(kind, at, to, "", "", f"webhook `{only.path.removeprefix('webhook ')}`"), keys)

    def _served_by_consumer(self, pair: Pair, context: Hashable, way: str) -> None:
        for change, _ in presence(pair, self._today):
            self._trace.add(context, inverted(change, way))
        if pair.old and pair.new:
            for method in pair.old.operations.keys() & pair.new.operations.keys():
                one = Side(self._old, pair.old.operations[method], pair.old.variables)
                two = Side(self._new, pair.new.operations[method], pair.new.variables)
                if self._standing(one.operation, two.operation) is not Standing.SAME:
                    self._operation(one, two, context, way=way)

    def _servers(self) -> None:
        before, after = self._old.document.get("servers"), self._new.document.get("servers")
        if before != after:
            texts = [short(text_of(side)) for side in (before, after)]
            change = Change("api-servers-changed", "/servers", "/servers", texts[0], texts[1], "servers")
            self._trace.add("servers", change)
