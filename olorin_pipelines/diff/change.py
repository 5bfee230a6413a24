"""What is a difference? A typed change with a place on both sides; nothing here says whether it is bad."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from olorin_pipelines.openapi import Pointer

__all__ = ["BROKEN", "UNSHOWN", "Change", "Place"]

UNSHOWN = "cannot-be-shown-compatible"
"""The kind of a change that is seen and whose effect is not understood. It is never passed over in silence."""


BROKEN = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What reading a document raises where it is not written as OpenAPI has it."""


class Place(StrEnum):
    """Where a schema stands; the value is the first part of the ids of the rules for it."""

    REQUEST_BODY = "request-body"
    REQUEST_PROPERTY = "request-property"
    REQUEST_PARAMETER = "request-parameter"
    REQUEST_PARAMETER_PROPERTY = "request-parameter-property"
    RESPONSE_BODY = "response-body"
    RESPONSE_PROPERTY = "response-property"
    RESPONSE_HEADER = "response-header"
    EXACT = "exact"
    """Below a keyword whose effect is not understood: every change there is UNSHOWN."""

    @property
    def request(self) -> bool:
        """Whether the consumer sends what stands here."""
        return self.value.startswith("request")

    @property
    def inverted(self) -> Place:
        """The place that means the same where the provider calls and the consumer answers (webhooks, callbacks)."""
        return _INVERTED[self]

    @property
    def below(self) -> Place:
        """The place of a part of a value that stands here."""
        return _BELOW[self]


_INVERTED = {
    Place.REQUEST_BODY: Place.RESPONSE_BODY,
    Place.REQUEST_PROPERTY: Place.RESPONSE_PROPERTY,
    Place.REQUEST_PARAMETER: Place.RESPONSE_HEADER,
    Place.REQUEST_PARAMETER_PROPERTY: Place.RESPONSE_PROPERTY,
    Place.RESPONSE_BODY: Place.REQUEST_BODY,
    Place.RESPONSE_PROPERTY: Place.REQUEST_PROPERTY,
    Place.RESPONSE_HEADER: Place.REQUEST_PARAMETER,
    Place.EXACT: Place.EXACT,
}
_BELOW = {
    Place.REQUEST_BODY: Place.REQUEST_PROPERTY,
    Place.REQUEST_PROPERTY: Place.REQUEST_PROPERTY,
    Place.REQUEST_PARAMETER: Place.REQUEST_PARAMETER_PROPERTY,
    Place.REQUEST_PARAMETER_PROPERTY: Place.REQUEST_PARAMETER_PROPERTY,
    Place.RESPONSE_BODY: Place.RESPONSE_PROPERTY,
    Place.RESPONSE_PROPERTY: Place.RESPONSE_PROPERTY,
    Place.RESPONSE_HEADER: Place.RESPONSE_PROPERTY,
    Place.EXACT: Place.EXACT,
}


@dataclass(frozen=True, slots=True)
class Change:
    """One difference. `kind` is the id of the rule that judges it.

    A pointer is None on the side where the thing does not exist. `before` and `after` are canonical short texts;
    `subject` names the thing for people; `operations` are all that the change reaches, sorted.
    """

    kind: str
    old_pointer: Pointer | None
    new_pointer: Pointer | None
    before: str
    after: str
    subject: str
    operations: tuple[str, ...] = ()
    way: str = ""
    """"webhook" or "callback" when the provider calls and the consumer answers; else the kind tells the way."""
