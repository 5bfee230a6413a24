"""What did the user configure? `olorin.yaml` and the environment, parsed once into one frozen `Config`."""

from olorin_pipelines.config.load import CONFIG_VARIABLE, find_config, load_config
from olorin_pipelines.config.model import (
    Auth,
    Config,
    Consumer,
    Environment,
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
    "Policy",
    "Ports",
    "RolloutPolicy",
    "Secret",
    "Service",
    "find_config",
    "load_config",
]
