"""The shape of a policy file: frozen models that refuse unknown keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from olorin_pipelines.policy.glob import any_matches

__all__ = ["Approval", "Choice", "DiffPolicy", "KnownFailure", "KnownFailures"]

Level = Literal["breaking", "warning", "info", "none"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        raise ValueError(f"{value!r} is not a day; write it as 2027-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is not in the calendar") from error


def _fingerprint(value: Any) -> Any:
    if isinstance(value, int | float):
        message = "a fingerprint made of digits is read as a number: put it in quotes"
        raise ValueError(message)  # noqa: TRY004 - what pydantic takes for a fault of the file
    return value


def _hexadecimal(value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{8,64}", value):
        raise ValueError(f"{value!r} is not a fingerprint; `--json` prints them")
    return value


Day = Annotated[date, BeforeValidator(_day)]
Fingerprint = Annotated[str, BeforeValidator(_fingerprint), AfterValidator(_hexadecimal)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Approval(_Model):
    """A finding that is meant: by its fingerprint, or by the rule's id and a glob over operations and pointers."""

    fingerprint: Fingerprint | None = Field(default=None, description="one finding, as `--format json` names it")
    id: Text | None = Field(default=None, description="the id of a rule, together with `location`")
    location: Text | None = Field(default=None, description='glob: "GET /orders*", or a JSON pointer; "*" is anywhere')
    reason: Text = Field(description="why the change is meant")
    expires: Day = Field(description="the last day on which it holds")

    @model_validator(mode="after")
    def _one_way(self) -> Approval:
        if (self.fingerprint is None) == (self.id is None):
            raise ValueError("an approval names either a `fingerprint`, or an `id` with its `location`")
        if (self.id is None) != (self.location is None):
            raise ValueError('`id` and `location` go together; `location: "*"` is anywhere')
        return self

    def __str__(self) -> str:
        return self.fingerprint or f"{self.id} at {self.location}"


class KnownFailure(_Model):
    """A failure of contract tests that is known: by its fingerprint, or by the check and a glob over operations."""

    fingerprint: Fingerprint | None = Field(default=None, description="one cause, as `olorin test --json` names it")
    check: Text | None = Field(default=None, description="the name of a check, together with `operation`")
    operation: Text | None = Field(default=None, description='glob: "GET /orders*"; "*" is every operation')
    reason: Text = Field(description="why it is not mended yet")
    expires: Day = Field(description="the last day on which it is excused")

    @model_validator(mode="after")
    def _one_way(self) -> KnownFailure:
        if (self.fingerprint is None) == (self.check is None):
            raise ValueError("an entry names either a `fingerprint`, or a `check` with its `operation`")
        if (self.check is None) != (self.operation is None):
            raise ValueError('`check` and `operation` go together; `operation: "*"` is every one')
        return self

    def __str__(self) -> str:
        return self.fingerprint or f"{self.check} at {self.operation}"


class KnownFailures(_Model):
    """All of a file of known failures."""

    known: tuple[KnownFailure, ...] = Field(default=(), description="what is known and does not decide")


class Choice(_Model):
    """Which names are looked at: those of `include` (all, when it is empty) without those of `exclude`. Globs."""

    include: tuple[Text, ...] = Field(default=(), description="only these")
    exclude: tuple[Text, ...] = Field(default=(), description="not these")

    def admits(self, names: Iterable[str]) -> bool:
        """Whether something that has these names is looked at."""
        listed = tuple(names)
        if any_matches(self.exclude, listed):
            return False
        return not self.include or any_matches(self.include, listed)


class DiffPolicy(_Model):
    """All of a policy file."""

    severities: dict[str, Level] = Field(default={}, description="severity by rule id; `none` drops the finding")
    approvals: tuple[Approval, ...] = Field(default=(), description="what is meant to be")
    paths: Choice = Field(default=Choice(), description='operations by path, "/internal/*"')
    tags: Choice = Field(default=Choice(), description="operations by tag")
    extensions: Choice = Field(default=Choice(), description="operations by an extension they have, x-internal")
