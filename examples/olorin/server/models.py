"""The models every release shares: what an investigation is, and what may be asked about."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

__all__ = [
    "SEEDED_IDS",
    "EntityType",
    "Investigation",
    "InvestigationAnswer",
    "InvestigationStatus",
    "Moment",
    "Page",
    "Priority",
    "Record",
    "RiskScore",
    "Subject",
    "TimeRange",
    "Timestamps",
]

SEEDED_IDS = (UUID("5b0a9c1e-7d3f-4e62-9a41-0c6d2f8e1a01"), UUID("5b0a9c1e-7d3f-4e62-9a41-0c6d2f8e1a02"))
"""Investigations that every process holds from its start and never drops."""

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")

RiskScore = Annotated[float, Field(ge=0, le=100, description="0 is harmless, 100 certain fraud", examples=[42.5])]


def _rfc3339(value: Any) -> Any:
    """Refuse what the parser would read but the document's `date-time` does not allow: numbers, dates, no offset."""
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC3339.fullmatch(value)):
        return value
    raise ValueError("write a date and time with offset, as 2026-01-01T00:00:00Z")


Moment = Annotated[datetime, BeforeValidator(_rfc3339)]


class EntityType(StrEnum):
    """What kind of thing is investigated."""

    EMAIL = "email"
    PHONE = "phone"
    DEVICE_ID = "device_id"
    IP_ADDRESS = "ip_address"
    USER_ID = "user_id"


class InvestigationStatus(StrEnum):
    """How far an investigation is."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


class Priority(StrEnum):
    """How soon an investigation is wanted."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class TimeRange(BaseModel):
    """The period looked at. A range whose end is before its start selects nothing."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"}]}
    )

    start_time: Moment = Field(description="First moment of the period")
    end_time: Moment = Field(description="First moment after the period")


class Timestamps(BaseModel):
    """When something came to be and when it last changed."""

    created_at: datetime = Field(description="When it was created, UTC")
    updated_at: datetime = Field(description="When it was last changed, UTC")


class Record(Timestamps):
    """Whatever is kept: an id and two timestamps."""

    id: UUID = Field(description="Unique id")


class Subject(BaseModel):
    """The entity under investigation."""

    entity_id: str = Field(min_length=1, max_length=256, description="The entity, written as its type demands")
    entity_type: EntityType = Field(description="What `entity_id` is")


class Investigation(Record, Subject):
    """An investigation as the store keeps it; each release shows the part it has promised."""

    status: InvestigationStatus
    risk_score: float
    risk_factors: list[str]
    time_range: TimeRange | None = None
    priority: Priority | None = None


class InvestigationAnswer(Timestamps):
    """What every release tells of an investigation."""

    investigation_id: UUID = Field(description="The id to read the investigation back with")
    status: InvestigationStatus = Field(description="How far the investigation is")

    @classmethod
    def of(cls, record: Investigation) -> Self:
        """Show a record the way this release has promised."""
        return cls.model_validate({"investigation_id": record.id, **record.model_dump()})


class Page(BaseModel):
    """Which part of a list this is."""

    total: int = Field(ge=0, description="How many there are in all")
    limit: int = Field(ge=1, le=100, description="At most this many were asked for")
    offset: int = Field(ge=0, description="This many were skipped")
