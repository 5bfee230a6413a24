"""What is played? A story: releases in their order, with the end each is expected to have."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from olorin_pipelines import yaml12
from olorin_pipelines.errors import ConfigError

__all__ = ["Expected", "Release", "Story", "read_story"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expected(_Model):
    """The end a release is expected to have; what is left out is not compared."""

    verdict: Literal["accepted", "rejected", "held"] | None = None
    outcome: Literal["promoted", "rolled_back", "paused"] | None = None
    decided_by: str | None = None
    within_seconds: float | None = Field(default=None, gt=0, description="event to proved rollback, at most")
    failed_for_seconds: float | None = Field(
        default=None, gt=0, description="first failed user request to proved rollback, at most"
    )
    user_failures: int = Field(default=0, ge=0, description="failed user requests, at most")


class Release(_Model):
    """One release of the example service: `release` is its flag, `version` what it announces."""

    name: str = Field(min_length=1)
    release: str = Field(default="", description="flag of examples.olorin.server; empty: the name")
    version: str = Field(min_length=1)
    expect: Expected = Expected()

    @property
    def flag(self) -> str:
        """The flag that chooses the code of this release."""
        return self.release or self.name


class Story(_Model):
    """A production to begin with, the releases, and whether production breaks at the end.

    `breaking` is the policy of that name for this story, in the place of what olorin.yaml says.
    """

    service: str = "investigations"
    begin: Release = Release(name="stable", version="2.0.0")
    releases: tuple[Release, ...] = Field(min_length=1)
    breaking: Literal["reject", "consumers", "warn"] | None = None
    last_act: Literal["production_breaks", "none"] = "production_breaks"
    requests_per_second: float = Field(default=100.0, gt=0, le=1000)

    @property
    def settings(self) -> dict[str, str]:
        """Return the variables that put the story's policy in the place of the configured one."""
        name = self.service.upper().replace("-", "_")
        return {f"OLORIN__SERVICES__{name}__POLICY__BREAKING": self.breaking} if self.breaking else {}


def read_story(path: Path) -> Story:
    """Read a story. Raises `ConfigError` naming file, line and key."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(path), hint="check the path") from error
    tree = yaml12.load(text, source=str(path))
    try:
        return Story.model_validate(tree)
    except ValidationError as error:
        fault = error.errors()[0]
        place = yaml12.locate(text, fault["loc"], source=str(path))
        raise ConfigError(
            fault["msg"],
            file=str(path),
            line=place[0] if place else None,
            key=".".join(map(str, fault["loc"])),
            hint="examples/olorin/story.yaml shows the shape",
        ) from error
