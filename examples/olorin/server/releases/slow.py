"""2.3.0: promises what 2.1.0 promises, keeps it for one caller, and does not bear many.

It opens a pool of connections for every caller. No comparison of documents and no contract test with one token can see
that; users can: one request in twenty fails, and the others take three times as long.
"""

from fastapi import APIRouter, Depends

from ..pools import PoolPerCaller
from . import additive
from .release import CREATE, LIST, READ, Release, investigations_router
from .timeline import TIMELINE, get_timeline

__all__ = ["RELEASE", "routes"]


def routes(pools: PoolPerCaller) -> APIRouter:
    """Return the routes of 2.1.0, each behind a connection of its caller's pool."""
    router = investigations_router()
    router.dependencies.append(Depends(pools.borrow))
    router.post("/", **CREATE)(additive.create_investigation)
    router.get("/", **LIST)(additive.list_investigations)
    router.get("/{investigation_id}", **READ)(additive.get_investigation)
    router.get("/{investigation_id}/timeline", **TIMELINE)(get_timeline)
    return router


RELEASE = Release(
    name="slow",
    version="2.3.0",
    summary="Promises what 2.1.0 promises and does not bear many callers",
    router=routes(PoolPerCaller()),
)
