"""What can go wrong, as one tree. Foreign exceptions never cross a boundary of the engine.

OlorinError                      something could not be done; every error has a message and a hint
├── UsageError                   the caller asked for something that cannot be (exit code 2)
│   ├── ConfigError              olorin.yaml or the environment: file, line, key
│   ├── NameTaken                the same name was given to something else before
│   └── UnknownName              a service, environment, release … that is not known: nearest names
├── DocumentError                an OpenAPI document: source, line, column
│   ├── DocumentUnreachable      nothing, or not a document, answered at its address
│   │   └── NothingListens       there is no service at the address, not even a broken one
│   └── DocumentInvalid          it was read and is not a valid OpenAPI document
├── ToolError                    an outside program (Node, TypeScript, Schemathesis, Envoy)
│   ├── ToolMissing              is not installed
│   └── ToolFailed               ended badly or without a result
├── RegistryError                the record of deployments is unreachable or refuses
├── NotificationFailed           people could not be told
└── DeliveryError                traffic could not be moved or watched
    ├── RouterUnreachable        the router's control or data plane does not answer
    ├── RouteUnconfirmed         the data plane did not show the route that was asked for
    ├── NotShown                 the router has no means to show that: neither good nor bad
    ├── StaleFence               another writer is newer than this one: stop
    ├── LeaseHeld                another writer lives: wait for its end
    ├── MetricsUnreachable       no reading could be taken
    ├── ScalerFailed             a version could not be started or stopped
    └── SupervisorError          the embedded world: port in use, already running, child died
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "ConfigError",
    "DeliveryError",
    "DocumentError",
    "DocumentInvalid",
    "DocumentUnreachable",
    "LeaseHeld",
    "MetricsUnreachable",
    "NameTaken",
    "NotShown",
    "NothingListens",
    "NotificationFailed",
    "OlorinError",
    "RegistryError",
    "RouteUnconfirmed",
    "RouterUnreachable",
    "ScalerFailed",
    "StaleFence",
    "SupervisorError",
    "ToolError",
    "ToolFailed",
    "ToolMissing",
    "UnknownName",
    "UsageError",
    "did_you_mean",
]


class OlorinError(Exception):
    """Root of the tree. `hint` is the fix in one sentence, empty when there is none to give."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def diagnostics(self) -> str:
        """The error for people: what happened, then what to do about it."""
        return f"{self.message}\n  fix: {self.hint}" if self.hint else self.message


class UsageError(OlorinError):
    """The caller asked for something that cannot be."""


class ConfigError(UsageError):
    """The configuration is wrong at a place: `file`, `line` (1-based, None if not in a file) and dotted `key`."""

    def __init__(self, message: str, *, file: str = "", line: int | None = None, key: str = "", hint: str = "") -> None:
        place = f"{file}:{line}" if line else file
        super().__init__(": ".join(part for part in (place, key, message) if part), hint=hint)
        self.file, self.line, self.key = file, line, key


class NameTaken(UsageError):
    """The same name was given to something else before."""


class UnknownName(UsageError):
    """`name` is not one of `known`; the nearest known names are the hint."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        names = sorted(known)
        super().__init__(f"no {kind} is called {name!r}", hint=did_you_mean(name, names))
        self.kind, self.name, self.known = kind, name, names


class DocumentError(OlorinError):
    """An OpenAPI document at `source` has a fault; `line` and `column` are 1-based, None when they have no meaning."""

    def __init__(
        self, message: str, *, source: str, line: int | None = None, column: int | None = None, hint: str = ""
    ) -> None:
        place = source + (f":{line}" if line else "") + (f":{column}" if line and column else "")
        super().__init__(f"{place}: {message}", hint=hint)
        self.source, self.line, self.column = source, line, column


class DocumentUnreachable(DocumentError):
    """Nothing, or not a document, answered at the address."""


class NothingListens(DocumentUnreachable):
    """There is no service at the address: the connection was refused."""


class DocumentInvalid(DocumentError):
    """The document was read and is not a valid OpenAPI document."""


class ToolError(OlorinError):
    """An outside program; `tool` names it."""

    def __init__(self, message: str, *, tool: str, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.tool = tool


class ToolMissing(ToolError):
    """The program is not installed."""


class ToolFailed(ToolError):
    """The program ended badly or without a result; the message ends with what it said."""


class RegistryError(OlorinError):
    """The record of deployments is unreachable or refuses."""


class NotificationFailed(OlorinError):
    """People could not be told; `again` says whether another try may help."""

    def __init__(self, message: str, *, again: bool, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.again = again


class DeliveryError(OlorinError):
    """Traffic could not be moved or watched."""


class RouterUnreachable(DeliveryError):
    """The router's control or data plane does not answer."""


class RouteUnconfirmed(DeliveryError):
    """The data plane did not show the route that was asked for in time."""


class NotShown(DeliveryError):
    """The router has no means to show that: it is no data, neither good nor bad."""


class StaleFence(DeliveryError):
    """The route carries a higher fence than this writer's: another writer is newer."""


class LeaseHeld(DeliveryError):
    """Somebody else moves the traffic of the service now."""


class MetricsUnreachable(DeliveryError):
    """No reading could be taken."""


class ScalerFailed(DeliveryError):
    """A version could not be started or stopped."""


class SupervisorError(DeliveryError):
    """The embedded world cannot start or go on: a port in use, a second one running, a child that died."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint: the nearest known name, or all of them (at most ten)."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(names[:10])}" if names else "none is known yet"
