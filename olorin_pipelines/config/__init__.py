"""What did the user configure? `olorin.yaml` and the environment, parsed once into one frozen `Config`."""

from olorin_pipelines.config.auth import Auth
from olorin_pipelines.config.baseline import Baseline
from olorin_pipelines.config.faults import explained, located
from olorin_pipelines.config.http import Http
from olorin_pipelines.config.load import CONFIG_VARIABLE, find_config, load_config, read_tree
from olorin_pipelines.config.model import (
    Config,
    Consumer,
    Environment,
    Policy,
    Ports,
    RolloutPolicy,
    Service,
    VersionPoll,
)
from olorin_pipelines.config.notify import (
    AlertmanagerNotice,
    EmailNotice,
    News,
    Notice,
    Notify,
    PagerDutyNotice,
    SlackNotice,
)
from olorin_pipelines.config.prometheus import PrometheusQueries
from olorin_pipelines.config.routers import CommandRoute, EnvoyRoute, WebhookRoute
from olorin_pipelines.config.serve import Serve
from olorin_pipelines.config.values import Secret

__all__ = [
    "CONFIG_VARIABLE",
    "AlertmanagerNotice",
    "Auth",
    "Baseline",
    "CommandRoute",
    "Config",
    "Consumer",
    "EmailNotice",
    "Environment",
    "EnvoyRoute",
    "Http",
    "News",
    "Notice",
    "Notify",
    "PagerDutyNotice",
    "Policy",
    "Ports",
    "PrometheusQueries",
    "RolloutPolicy",
    "Secret",
    "Serve",
    "Service",
    "SlackNotice",
    "VersionPoll",
    "WebhookRoute",
    "explained",
    "find_config",
    "load_config",
    "located",
    "read_tree",
]
