"""With which adapters does a service move, watch and stop? Built from the configuration, one place for all callers."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from olorin_pipelines.config import Config
from olorin_pipelines.delivery.metrics import open_metrics
from olorin_pipelines.delivery.operations import Operation
from olorin_pipelines.delivery.ports import MetricsSource, Scaler, TrafficRouter
from olorin_pipelines.delivery.routers import open_router
from olorin_pipelines.delivery.scalers import open_scaler

__all__ = ["metrics_of", "router_of", "scaler_of"]


def router_of(
    config: Config,
    name: str,
    *,
    wait: Callable[[float], None] = time.sleep,
    operations: Sequence[Operation] = (),
    pinned: bool = False,
) -> TrafficRouter:
    """Return the traffic router of a service, which passes its time with `wait`.

    It has `operations` counted apart, and lets requests through that are `pinned` to a version.
    """
    policy = config.service(name).rollout
    if policy.router == "envoy":
        return open_router(
            "envoy",
            directory=config.state / "envoy",
            admin_url=_admin(config),
            more_admin_urls=policy.more_admins,
            allowed=policy.envoy,
            entry_url=f"http://127.0.0.1:{config.ports.envoy}",
            envoy_log=config.state / "envoy" / "envoy.log",
            wait=wait,
            operations=operations,
            pinned=pinned,
        )
    told = config.state / "routes"
    if policy.router == "command" and policy.command is not None:
        return open_router(
            "command",
            directory=told,
            folder=config.root,
            apply=policy.command.apply,
            read=policy.command.read,
            seconds=policy.command.seconds,
            entry_url=policy.command.entry,
            wait=wait,
        )
    if policy.router == "webhook" and policy.webhook is not None:
        return open_router(
            "webhook",
            directory=told,
            url=policy.webhook.url,
            read_url=policy.webhook.read,
            token=policy.webhook.token.reveal if policy.webhook.token else None,
            secret=policy.webhook.secret.reveal if policy.webhook.secret else None,
            seconds=policy.webhook.seconds,
            entry_url=policy.webhook.entry,
            wait=wait,
        )
    return open_router("none")


def metrics_of(config: Config, name: str) -> MetricsSource:
    """Return the metrics source of a service: the statistics of its Envoys, or a Prometheus that has scraped them."""
    policy = config.service(name).rollout
    if policy.metrics == "prometheus":
        source = policy.prometheus
        return open_metrics(
            "prometheus",
            url=source.url or f"http://127.0.0.1:{config.ports.prometheus}",
            match=source.match,
            own=source.queries,
            headers={"Authorization": f"Bearer {source.bearer.reveal()}"} if source.bearer else {},
        )
    return open_metrics("envoy", admin_url=_admin(config), more_admin_urls=policy.more_admins)


def scaler_of(config: Config, name: str, *, wait: Callable[[float], None] = time.sleep) -> Scaler:
    """Return the scaler of a service: the children that the supervisor of the embedded world recorded."""
    config.service(name)
    return open_scaler("process", children=config.state / "pids.json", wait=wait)


def _admin(config: Config) -> str:
    return f"http://127.0.0.1:{config.ports.admin}"
