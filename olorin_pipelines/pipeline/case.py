"""What is needed to judge one deployment: the configuration, the registry, the artifacts and the deployment itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from olorin_pipelines import openapi
from olorin_pipelines.config import Config, Environment, Policy, Service
from olorin_pipelines.gate import GateResult, Outcome, ask
from olorin_pipelines.registry import Artifacts, Deployment, Registry

if TYPE_CHECKING:
    from concurrent.futures import Future

    from olorin_pipelines.contract import Progress
    from olorin_pipelines.typegen import Bundle

__all__ = ["PRODUCTION", "Case", "Workplace"]

PRODUCTION = "production"
_REBUILT = frozenset({"cache", "corpus", "types"})
"""Folders whose content is made again when it is lost: they may lie elsewhere, and be shared."""


@dataclass(frozen=True)
class Workplace:
    """The opened state of Olorin: one per process. What can be made again is kept below `cache`, when one is given."""

    config: Config
    cache: Path | None = None

    @cached_property
    def registry(self) -> Registry:
        """The registry, opened at the first use."""
        return Registry(self.config.registry_url)

    @cached_property
    def artifacts(self) -> Artifacts:
        """The artifact store."""
        return Artifacts(self.config.state / "artifacts")

    def folder(self, *names: str) -> Path:
        """Return a folder below the state, made if it is missing."""
        root = self.cache if self.cache is not None and names[0] in _REBUILT else self.config.state
        path = root.joinpath(*names)
        path.mkdir(parents=True, exist_ok=True)
        return path

    def case(self, deployment_id: str) -> Case:
        """Return the case of a deployment. Raises `UnknownName` for an unknown one, or one of an unknown service."""
        deployment = self.registry.deployment(deployment_id)
        return Case(self, deployment, self.config.service(deployment.service))


@dataclass(frozen=True)
class Case:
    """One deployment under judgement; `progress` is told how far the contract tests are.

    `given` are documents at hand, by their role, of a change that is judged before it is deployed; `begun` are types
    that are being made already, by the digest of their document.
    """

    place: Workplace
    deployment: Deployment
    service: Service
    progress: Callable[[Progress], None] | None = None
    given: Mapping[str, openapi.Snapshot] = field(default_factory=dict)
    begun: Mapping[str, Future[Bundle]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the service."""
        return self.deployment.service

    @property
    def policy(self) -> Policy:
        """What a finding means for this service."""
        return self.service.policy

    @property
    def environment(self) -> Environment:
        """Where the deployment runs; one that is not configured is treated as read-only."""
        known = self.service.environments.get(self.deployment.environment)
        return known or Environment(url=self.deployment.url)

    @property
    def production_url(self) -> str:
        """Where production is reached now: the version that serves it, else the configured address."""
        serving = self.place.registry.serving(self.name)
        return serving.url if serving else self.service.environment(PRODUCTION).url

    def ask(self, gate: str, question: Callable[[Case], GateResult], *, checks: Sequence[str]) -> GateResult:
        """Ask a gate's question about this deployment, and record the answer."""
        result = ask(gate, lambda: question(self), checks=checks)
        self.place.registry.record_gate(self.deployment.id, result)
        return result

    def earlier_failure(self, gates: Sequence[str]) -> GateResult | None:
        """Return the first of `gates` that FAILED, None when none did."""
        results = self.place.registry.gates(self.deployment.id)
        return next(
            (results[name] for name in gates if name in results and results[name].outcome is Outcome.FAIL), None
        )

    def document(self, role: str) -> openapi.Snapshot | None:
        """Return the document this deployment is judged by ("candidate" or "baseline"), None when there is none."""
        if role in self.given:
            return self.given[role]
        row = self.place.registry.snapshot(deployment_id=self.deployment.id, role=role)
        return openapi.parse(self.place.artifacts.get(row.artifact), source=row.source) if row else None
