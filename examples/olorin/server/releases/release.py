"""What a release is, and what the routes of every release have in common."""

from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Security

from ..auth import AuthenticatedRoute, bearer
from ..errors import Problem, documented
from ..faults import Fault
from ..models import Investigation
from ..store import Store

__all__ = [
    "CREATE",
    "LIST",
    "READ",
    "CurrentStore",
    "InvestigationId",
    "Limit",
    "Offset",
    "Release",
    "found",
    "investigations_router",
    "linked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A version of the service: what it promises (its routers) and where it does not keep it (its faults).

    `router` is version 1 of the API; a `successor` is served as version 2 beside it.
    """

    name: str
    version: str
    summary: str
    router: APIRouter
    successor: APIRouter | None = None
    faults: tuple[Fault, ...] = ()


async def _current_store(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


CurrentStore = Annotated[Store, Depends(_current_store)]
InvestigationId = Annotated[UUID, Path(description="Id of the investigation")]
Limit = Annotated[int, Query(ge=1, le=100, description="At most this many")]
Offset = Annotated[int, Query(ge=0, le=100_000, description="Skip this many")]


def linked(route: dict[str, Any], *, to: str, by: str) -> dict[str, Any]:
    """Say in a route's document that what it makes is read with operation `to`, whose id is the expression `by`."""
    link = {
        "operationId": to,
        "parameters": {"investigation_id": by},
        "description": "Read the investigation back",
    }
    return {**route, "responses": {**route["responses"], 201: {"links": {"read": link}}}}


_CREATE: dict[str, Any] = {
    "status_code": 201,
    "operation_id": "createInvestigation",
    "summary": "Investigate an entity",
    "response_description": "The investigation",
    "responses": documented(400, 401, 422, 504),
}
CREATE = linked(_CREATE, to="getInvestigation", by="$response.body#/investigation_id")
READ: dict[str, Any] = {
    "operation_id": "getInvestigation",
    "summary": "Read one investigation",
    "response_description": "The investigation",
    "responses": documented(401, 404, 422, 504),
}
LIST: dict[str, Any] = {
    "operation_id": "listInvestigations",
    "summary": "List investigations, newest first",
    "response_description": "A part of the list",
    "responses": documented(401, 422, 504),
}


def investigations_router() -> APIRouter:
    """Return an empty router for investigations, behind the token check."""
    return APIRouter(
        prefix="/investigations",
        tags=["investigations"],
        route_class=AuthenticatedRoute,
        dependencies=[Security(bearer)],
    )


def found(store: Store, investigation_id: UUID) -> Investigation:
    """Return the investigation, or raise the 404."""
    record = store.get(investigation_id)
    if record is None:
        raise Problem(404, "not_found", "There is no such investigation")
    return record
