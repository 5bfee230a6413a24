"""2.0.0: what production serves."""

from pydantic import ConfigDict, Field

from ..models import InvestigationAnswer, Page, RiskScore, Subject, TimeRange
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

__all__ = ["RELEASE", "InvestigationRequest", "InvestigationResponse"]


class InvestigationRequest(Subject):
    """Which entity to investigate."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "entity_id": "alice@example.com",
                    "entity_type": "email",
                    "time_range": {"start_time": "2026-01-01T00:00:00Z", "end_time": "2026-01-31T00:00:00Z"},
                }
            ]
        }
    )

    time_range: TimeRange | None = Field(default=None, description="Look at this period only")


class InvestigationResponse(InvestigationAnswer):
    """An investigation and its result."""

    risk_score: RiskScore


class InvestigationList(Page):
    """A part of the list of investigations."""

    items: list[InvestigationResponse]


router = investigations_router()


@router.post("/", **CREATE)
async def create_investigation(request: InvestigationRequest, store: CurrentStore) -> InvestigationResponse:
    """Investigate an entity. The result can be read back with the id in the answer."""
    record = store.add(request.entity_id, request.entity_type, time_range=request.time_range)
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


RELEASE = Release(name="stable", version="2.0.0", summary="What production serves", router=router)
