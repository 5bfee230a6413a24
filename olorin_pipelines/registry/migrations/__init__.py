"""The revisions of the registry, for Alembic. See `olorin_pipelines.registry.schema`."""
