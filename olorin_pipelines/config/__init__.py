"""What did the user configure? `olorin.yaml` and the environment, parsed once into one frozen `Config`."""

from olorin_pipelines.config.faults import explained, located
from olorin_pipelines.config.load import CONFIG_VARIABLE, find_config, load_config, read_tree
from olorin_pipelines.config.model import (
    Auth,
    Config,
    Consumer,
    Environment,
    Http,
    Policy,
    Ports,
    RolloutPolicy,
    Secret,
    Service,
)

__all__ = [
    "CONFIG_VARIABLE",
    "Auth",
    "Config",
    "Consumer",
    "Environment",
    "Http",
    "Policy",
    "Ports",
    "RolloutPolicy",
    "Secret",
    "Service",
    "explained",
    "find_config",
    "load_config",
    "located",
    "read_tree",
]
