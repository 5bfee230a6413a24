"""How is Envoy found, started and asked? What the router of users' traffic and the guard of production share."""

from olorin_pipelines.envoy.admin import Admin
from olorin_pipelines.envoy.program import envoy_command, find_envoy

__all__ = ["Admin", "envoy_command", "find_envoy"]
