"""Whether the service lives, has started, and can serve: the three probes of an orchestrator."""

from collections.abc import Callable, Mapping
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse

from .answers import HealthCheck, HealthReport, HealthStatus
from .errors import documented
from .models import SEEDED_IDS
from .store import Store

__all__ = ["Checks", "checks_of", "router"]

Checks = Mapping[str, Callable[[], str]]
"""Named checks: each returns what it saw, or raises RuntimeError with what is wrong."""

router = APIRouter(prefix="/health", tags=["health"], responses=documented(504))
_FAILED: dict[int | str, dict[str, Any]] = {
    503: {"model": HealthReport, "description": "A check failed; the body names it"}
}


def checks_of(app: FastAPI, store: Store) -> Checks:
    """Return the checks of this service: its store answers, its contract can be told."""

    def check_store() -> str:
        if store.get(SEEDED_IDS[0]) is None:
            raise RuntimeError("a seeded investigation cannot be read back")
        return f"{len(store)} investigations"

    def check_schema() -> str:
        document = app.openapi()
        if not document.get("paths"):
            raise RuntimeError("the OpenAPI document has no paths")
        return f"OpenAPI {document['openapi']}, {len(document['paths'])} paths"

    return {"store": check_store, "schema": check_schema}


@router.get("/live", operation_id="live", summary="Is the process alive?")
async def live(request: Request) -> HealthReport:
    """Answer at all. An orchestrator restarts a process that does not."""
    return _report(request, [])


@router.get("/ready", operation_id="ready", summary="Can it serve?", response_model=HealthReport, responses=_FAILED)
async def ready(request: Request) -> JSONResponse:
    """Check the store and the schema. An orchestrator sends no traffic while this is 503."""
    return _answer(request)


@router.get(
    "/startup", operation_id="startup", summary="Has it started?", response_model=HealthReport, responses=_FAILED
)
async def startup(request: Request) -> JSONResponse:
    """Check the store and the schema. An orchestrator waits with the other probes until this is 200."""
    return _answer(request)


def _answer(request: Request) -> JSONResponse:
    checks: Checks = request.app.state.checks
    results = [_run(name, check) for name, check in checks.items()]
    report = _report(request, results)
    return JSONResponse(report.model_dump(mode="json"), status_code=200 if report.status is HealthStatus.OK else 503)


def _report(request: Request, results: list[HealthCheck]) -> HealthReport:
    failed = any(result.status is HealthStatus.FAILED for result in results)
    return HealthReport(
        status=HealthStatus.FAILED if failed else HealthStatus.OK,
        version=request.app.version,
        api_versions=request.app.state.api_versions,
        checks=results,
    )


def _run(name: str, check: Callable[[], str]) -> HealthCheck:
    try:
        return HealthCheck(name=name, status=HealthStatus.OK, detail=check())
    except RuntimeError as error:
        return HealthCheck(name=name, status=HealthStatus.FAILED, detail=str(error))
