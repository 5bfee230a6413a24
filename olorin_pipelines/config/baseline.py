"""Where is production's document, when production does not serve it to Olorin?"""

from __future__ import annotations

import re
from pathlib import Path

from pydantic import Field, field_validator, model_validator

from olorin_pipelines.config.values import Model

__all__ = ["Baseline"]

_REVISION = re.compile(r"[\w.@][\w./~^@{}+-]*:[^:\s-][^:]*")


class Baseline(Model):
    """Where the document of production is taken from; with none of these keys production is asked for it."""

    file: Path | None = Field(
        default=None, description="a file, relative to olorin.yaml and inside of its folder, with what it refers to"
    )
    git: str | None = Field(
        default=None,
        description="`REF:PATH` in the git repository that olorin.yaml lies in, such as production:openapi.json; "
        "nothing is fetched",
    )
    last_snapshot: bool = Field(
        default=False,
        description="what the version that serves production served when it was judged; without a router the last "
        "version that was accepted",
    )

    @field_validator("file")
    @classmethod
    def _inside(cls, value: Path | None) -> Path | None:
        if value is not None and (value.is_absolute() or ".." in value.parts):
            raise ValueError("a path inside of the folder of olorin.yaml is expected")
        return value

    @field_validator("git")
    @classmethod
    def _revision(cls, value: str | None) -> str | None:
        if value is not None and not _REVISION.fullmatch(value):
            raise ValueError("REF:PATH is expected, such as main:openapi.json")
        return value

    @model_validator(mode="after")
    def _one_of_them(self) -> Baseline:
        if sum((self.file is not None, self.git is not None, self.last_snapshot)) > 1:
            raise ValueError("one of `file`, `git` and `last_snapshot` says where it is, not several")
        return self

    @property
    def kind(self) -> str:
        """`file`, `git`, `last_snapshot`, or `served`."""
        if self.file is not None:
            return "file"
        if self.git is not None:
            return "git"
        return "last_snapshot" if self.last_snapshot else "served"
