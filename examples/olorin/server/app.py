"""The app: one release, one set of settings, put together."""

from functools import partial

from fastapi import FastAPI, Response
from fastapi_offline import FastAPIOffline
from prometheus_client import CONTENT_TYPE_LATEST

from . import health
from .document import DESCRIPTION, TAGS, told
from .errors import install_error_handlers
from .faults import CorruptBody, file_exists
from .metrics import Metrics
from .middleware import Deprecated, DocumentationPolicy, Guarded, Observed, VersionHeader
from .releases import Release
from .settings import Settings
from .store import Store
from .versions import V1_DEPRECATED, V1_SUNSET, versions_served

__all__ = ["create_app"]

# The badge of Swagger UI's validator and the logo of ReDoc would be fetched from the internet.
_SWAGGER = {"persistAuthorization": True, "tryItOutEnabled": True, "validatorUrl": None, "displayRequestDuration": True}


def create_app(
    release: Release, settings: Settings, *, version: str | None = None, store: Store | None = None
) -> FastAPI:
    """Return the service as `release`, announcing `version` (the release's own unless given)."""
    app: FastAPI = FastAPIOffline(
        title="Olorin Investigations API",
        summary="How risky is this entity?",
        version=version or release.version,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        servers=settings.servers,
        swagger_ui_parameters=_SWAGGER,
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    app.state.store = store or Store()
    app.state.metrics = Metrics()
    app.state.checks = health.checks_of(app, app.state.store)
    app.openapi = told(app.openapi, settings)  # type: ignore[method-assign]  # the framework's documented way
    _serve_versions(app, release, settings)
    app.include_router(health.router)
    _serve_metrics(app)
    install_error_handlers(app)
    _surround(app, release, settings)
    return app


def _serve_versions(app: FastAPI, release: Release, settings: Settings) -> None:
    """Serve version 1 and, where the release has it and the flag is on, version 2, which deprecates version 1."""
    v1, v2 = (f"{settings.api_base_url}/{name}" for name in ("v1", "v2"))
    successor = release.successor if settings.enable_v2_api else None
    app.state.api_versions = versions_served(v2=successor is not None)
    if successor is None:
        app.include_router(release.router, prefix=v1)
        return
    app.include_router(release.router, prefix=v1, deprecated=True)
    app.include_router(successor, prefix=v2)


def _serve_metrics(app: FastAPI) -> None:
    metrics: Metrics = app.state.metrics

    @app.get("/metrics", include_in_schema=False, operation_id="metrics")
    async def measured() -> Response:
        return Response(metrics.exposition(), media_type=CONTENT_TYPE_LATEST)


def _surround(app: FastAPI, release: Release, settings: Settings) -> None:
    """Add what surrounds a request, the innermost first."""
    for fault in release.faults:
        app.add_middleware(fault)
    if settings.fault_file is not None:
        condition = file_exists(settings.fault_file, "listInvestigations", "getInvestigation")
        app.add_middleware(partial(CorruptBody, condition=condition))
    app.add_middleware(Guarded, seconds=settings.request_timeout_ms / 1000)
    app.add_middleware(Observed, metrics=app.state.metrics)
    if len(app.state.api_versions) > 1:
        v1, successor = f"{settings.api_base_url}/v1/", f"{settings.api_base_url}/v2/investigations/"
        app.add_middleware(Deprecated, prefix=v1, since=V1_DEPRECATED, sunset=V1_SUNSET, successor=successor)
    app.add_middleware(DocumentationPolicy, origins=[server["url"] for server in settings.servers])
    app.add_middleware(VersionHeader, version=app.version)
