"""The embedded world: a real service, a real Envoy, a real Dagster and user traffic, under one supervisor."""
