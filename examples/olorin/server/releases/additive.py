"""2.1.0: adds to 2.0.0 and takes nothing away.

New: `priority` may be asked for, `risk_factors` and `priority` are told, and there is a timeline.
"""

from pydantic import Field

from ..models import Page, Priority
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


class InvestigationRequest(stable.InvestigationRequest):
    """Which entity to investigate, and how soon."""

    priority: Priority | None = Field(default=None, description="How soon the result is wanted")


class InvestigationResponse(stable.InvestigationResponse):
    """An investigation and its result."""

    risk_factors: list[str] | None = Field(default=None, description="What the score rests on")
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

RELEASE = Release(name="additive", version="2.1.0", summary="Adds priority, risk factors and a timeline", router=router)
