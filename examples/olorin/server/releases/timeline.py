"""The timeline of an investigation, new in 2.1.0 and kept since."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from ..errors import documented
from .release import CurrentStore, InvestigationId, found

__all__ = ["TIMELINE", "InvestigationTimeline", "TimelineEvent", "get_timeline"]

TIMELINE: dict[str, Any] = {
    "operation_id": "getInvestigationTimeline",
    "summary": "Read what happened in an investigation",
    "response_description": "The timeline",
    "responses": documented(401, 404, 422, 504),
}


class TimelineEvent(BaseModel):
    """Something that happened in an investigation."""

    at: datetime = Field(description="When, UTC")
    event: str = Field(description="What", examples=["created"])


class InvestigationTimeline(BaseModel):
    """What happened in an investigation, in order."""

    investigation_id: UUID
    events: list[TimelineEvent]


async def get_timeline(investigation_id: InvestigationId, store: CurrentStore) -> InvestigationTimeline:
    """Read the timeline of an investigation."""
    record = found(store, investigation_id)
    events = [TimelineEvent(at=record.created_at, event="created")]
    events.append(TimelineEvent(at=record.updated_at, event=str(record.status)))
    return InvestigationTimeline(investigation_id=record.id, events=events)
