"""How do deployments come in over HTTP? A small ASGI application over the registry, with its own OpenAPI document."""

from olorin_pipelines.intake.app import create_app

__all__ = ["create_app"]
