"""Which versions of the API are served, and how long the old one still is."""

from datetime import UTC, datetime
from enum import StrEnum

from pydantic import BaseModel, Field

__all__ = ["V1_DEPRECATED", "V1_SUNSET", "ApiVersion", "VersionStatus", "versions_served"]

V1_DEPRECATED = datetime(2026, 11, 1, tzinfo=UTC)
"""Since when callers of version 1 are asked to move, wherever version 2 is served."""

V1_SUNSET = datetime(2027, 6, 30, tzinfo=UTC)
"""When version 1 is expected to be gone."""


class VersionStatus(StrEnum):
    """Whether new callers should use a version."""

    CURRENT = "current"
    DEPRECATED = "deprecated"


class ApiVersion(BaseModel):
    """A version of the API that this service answers."""

    name: str = Field(description="Its name, the first part of its paths", examples=["v1"])
    status: VersionStatus
    sunset: datetime | None = Field(default=None, description="When it is expected to be gone, UTC")


def versions_served(*, v2: bool) -> list[ApiVersion]:
    """Return the versions, the oldest first. Version 1 is deprecated by version 2, and not before."""
    if not v2:
        return [ApiVersion(name="v1", status=VersionStatus.CURRENT)]
    old = ApiVersion(name="v1", status=VersionStatus.DEPRECATED, sunset=V1_SUNSET)
    return [old, ApiVersion(name="v2", status=VersionStatus.CURRENT)]
