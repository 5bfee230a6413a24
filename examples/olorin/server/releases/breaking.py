"""3.0.0: breaks callers of 2.0.0 and of 2.1.0, on purpose and honestly documented.

Gone: `risk_score` in every answer. Now required: `time_range` in the request. All else is as in 2.1.0.
"""

from pydantic import ConfigDict, Field

from ..models import InvestigationAnswer, Page, Priority, Subject, TimeRange
from . import stable
from .release import (
    CREATE,
    LIST,
    READ,
    CurrentStore,
    InvestigationId,
    Limit,
    Offset,
    Release,
    found,
    investigations_router,
)
from .timeline import TIMELINE, get_timeline

__all__ = ["RELEASE", "InvestigationRequest", "InvestigationResponse"]


class InvestigationRequest(Subject):
    """Which entity to investigate, over which period, and how soon."""

    model_config = ConfigDict(json_schema_extra=stable.InvestigationRequest.model_config["json_schema_extra"])

    time_range: TimeRange = Field(description="Look at this period only")
    priority: Priority | None = Field(default=None, description="How soon the result is wanted")


class InvestigationResponse(InvestigationAnswer):
    """An investigation and its result."""

    risk_factors: list[str] | None = Field(default=None, description="What was found")
    priority: Priority | None = Field(default=None, description="The priority that was asked for")


class InvestigationList(Page):
    """A part of the list of investigations."""

    items: list[InvestigationResponse]


router = investigations_router()


@router.post("/", **CREATE)
async def create_investigation(request: InvestigationRequest, store: CurrentStore) -> InvestigationResponse:
    """Investigate an entity. The result can be read back with the id in the answer."""
    record = store.add(request.entity_id, request.entity_type, time_range=request.time_range, priority=request.priority)
    return InvestigationResponse.of(record)


@router.get("/", **LIST)
async def list_investigations(store: CurrentStore, limit: Limit = 20, offset: Offset = 0) -> InvestigationList:
    """List investigations, a part at a time."""
    records, total = store.page(limit=limit, offset=offset)
    items = [InvestigationResponse.of(record) for record in records]
    return InvestigationList(items=items, total=total, limit=limit, offset=offset)


@router.get("/{investigation_id}", **READ)
async def get_investigation(investigation_id: InvestigationId, store: CurrentStore) -> InvestigationResponse:
    """Read an investigation back."""
    return InvestigationResponse.of(found(store, investigation_id))


router.get("/{investigation_id}/timeline", **TIMELINE)(get_timeline)

RELEASE = Release(name="breaking", version="3.0.0", summary="Drops risk_score, requires time_range", router=router)
