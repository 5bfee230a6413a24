"""The models of version 2. An entity and a risk are objects of their own; nothing is told flat any more."""

from enum import StrEnum
from typing import Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from ...models import EntityType, Investigation, InvestigationStatus, Page, Priority, RiskScore, TimeRange, Timestamps

__all__ = ["AssessedInvestigation", "Entity", "InvestigationPage", "NewInvestigation", "Risk", "RiskLevel"]

_HIGH, _MEDIUM = 70, 30


class RiskLevel(StrEnum):
    """What a score means: medium from 30 on, high from 70 on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @classmethod
    def of(cls, score: float) -> Self:
        """Name the level of a score between 0 and 100."""
        return cls("high" if score >= _HIGH else "medium" if score >= _MEDIUM else "low")


class Entity(BaseModel):
    """The entity under investigation."""

    id: str = Field(min_length=1, max_length=256, description="The entity, written as its type demands")
    type: EntityType = Field(description="What `id` is")


class Risk(BaseModel):
    """What was found."""

    score: RiskScore
    level: RiskLevel = Field(description="The score in a word")
    factors: list[str] = Field(description="What the score rests on")


class NewInvestigation(BaseModel):
    """Which entity to investigate, over which period, and how soon."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entity": {"id": "alice@example.com", "type": "email"},
                    "time_range": {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"},
                    "priority": "high",
                }
            ]
        }
    )

    entity: Entity
    time_range: TimeRange | None = Field(default=None, description="Look at this period only")
    priority: Priority = Field(default=Priority.NORMAL, description="How soon the result is wanted")


class AssessedInvestigation(Timestamps):
    """An investigation and its result."""

    id: UUID = Field(description="The id to read the investigation back with")
    status: InvestigationStatus = Field(description="How far the investigation is")
    entity: Entity
    risk: Risk
    priority: Priority = Field(description="The priority that was asked for")

    @classmethod
    def of(cls, record: Investigation) -> Self:
        """Show a record the way version 2 promises, also one that was made through version 1."""
        return cls(
            id=record.id,
            status=record.status,
            entity=Entity(id=record.entity_id, type=record.entity_type),
            risk=Risk(score=record.risk_score, level=RiskLevel.of(record.risk_score), factors=record.risk_factors),
            priority=record.priority or Priority.NORMAL,
            created_at=record.created_at,
            updated_at=record.updated_at,
        )


class InvestigationPage(BaseModel):
    """A part of the list of investigations."""

    items: list[AssessedInvestigation]
    page: Page
