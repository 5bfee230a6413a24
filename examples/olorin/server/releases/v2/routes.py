"""The routes of version 2: those of version 1 under new models."""

from typing import Any

from ...models import Page
from ..release import (
    CREATE,
    LIST,
    READ,
    CurrentStore,
    InvestigationId,
    Limit,
    Offset,
    found,
    investigations_router,
    linked,
)
from ..timeline import TIMELINE, get_timeline
from .models import AssessedInvestigation, InvestigationPage, NewInvestigation

__all__ = ["router"]

router = investigations_router()


def _v2(route: dict[str, Any]) -> dict[str, Any]:
    return {**route, "operation_id": f"{route['operation_id']}V2"}


@router.post("/", **_v2(linked(CREATE, to="getInvestigationV2", by="$response.body#/id")))
async def create_investigation(request: NewInvestigation, store: CurrentStore) -> AssessedInvestigation:
    """Investigate an entity. The result can be read back with the id in the answer."""
    entity = request.entity
    record = store.add(entity.id, entity.type, time_range=request.time_range, priority=request.priority)
    return AssessedInvestigation.of(record)


@router.get("/", **_v2(LIST))
async def list_investigations(store: CurrentStore, limit: Limit = 20, offset: Offset = 0) -> InvestigationPage:
    """List investigations, a part at a time, those made through version 1 too."""
    records, total = store.page(limit=limit, offset=offset)
    items = [AssessedInvestigation.of(record) for record in records]
    return InvestigationPage(items=items, page=Page(total=total, limit=limit, offset=offset))


@router.get("/{investigation_id}", **_v2(READ))
async def get_investigation(investigation_id: InvestigationId, store: CurrentStore) -> AssessedInvestigation:
    """Read an investigation back."""
    return AssessedInvestigation.of(found(store, investigation_id))


router.get("/{investigation_id}/timeline", **_v2(TIMELINE))(get_timeline)
