"""The shape of `olorin.yaml`: frozen models that refuse unknown keys. The docs page is generated from here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeAlias

from pydantic import Field, field_validator, model_validator

from olorin_pipelines.config.auth import Auth
from olorin_pipelines.config.baseline import Baseline
from olorin_pipelines.config.http import Http
from olorin_pipelines.config.notify import Notify
from olorin_pipelines.config.prometheus import PrometheusSource
from olorin_pipelines.config.routers import CommandRoute, EnvoyRoute, WebhookRoute
from olorin_pipelines.config.serve import Serve
from olorin_pipelines.config.values import HttpUrl, Model, Name
from olorin_pipelines.errors import UnknownName

__all__ = [
    "Config",
    "Consumer",
    "Environment",
    "Pace",
    "Policy",
    "Ports",
    "RolloutPolicy",
    "Service",
    "VersionPoll",
]

_REPOSITORY = re.compile(r"(https|ssh|file)://[^\s]+|git@[\w.-]+:[^\s]+|[./][^\s:]*")


class VersionPoll(Model):
    """Where an environment names the version it runs, for deployments that nobody announces."""

    path: str = Field(default="", pattern="^(/|$)", description="what is asked; the service's `health` when empty")
    pointer: str = Field(default="/version", pattern="^/", description="JSON pointer to the version in the answer")
    header: str = Field(default="", description="a header that names it instead, whatever the status")
    timeout: float = Field(default=2.0, gt=0, le=30, description="seconds to wait for the answer")


def rising_to_100(steps: tuple[int, ...]) -> tuple[int, ...]:
    """Return weights that rise to 100 percent; raises `ValueError` for others."""
    if not steps or list(steps) != sorted(set(steps)) or steps[0] < 1 or steps[-1] != 100:
        raise ValueError("weights rise from at least 1 and end with 100")
    return steps


class Environment(Model):
    """Where a service runs."""

    url: HttpUrl = Field(description="base URL of the service in this environment")
    isolated_data: bool = Field(
        default=False, description="true: test data harms nobody here; false: the environment is read-only to Olorin"
    )
    http: Http | None = Field(default=None, description="how it is called here, instead of the service's `http`")
    version_from: VersionPoll | None = Field(
        default=None, description="ask it every 15 s which version it runs, and take a new one for a deployment"
    )


class Consumer(Model):
    """Somebody who compiles against the types of the service."""

    name: str = Field(min_length=1, description="how the consumer is called in reports")
    path: Path | None = Field(
        default=None, description="its folder, relative to olorin.yaml; with `git`, relative to the repository"
    )
    git: str | None = Field(default=None, description="its repository instead: an https, ssh or file URL, or a path")
    ref: str = Field(default="HEAD", description="branch, tag or commit of the repository")
    tsconfig: str = Field(default="tsconfig.json", description="the project to compile, relative to its folder")
    types: str = Field(
        default="src/api/schema.d.ts", description="the generated file it imports, relative to its folder"
    )
    paths: tuple[str, ...] = Field(
        default=(),
        description="which paths it is registered for, as with `olorin types --paths`; empty: all. A consumer with a "
        "file of types for each version of the API is registered once for each",
    )

    @field_validator("git")
    @classmethod
    def _allowed(cls, value: str | None) -> str | None:
        if value is not None and not _REPOSITORY.fullmatch(value):
            raise ValueError("a repository is an https://, ssh:// or file:// URL, git@host:path, or a path")
        return value

    @field_validator("ref")
    @classmethod
    def _no_option(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._/+-]*", value):
            raise ValueError("the name of a branch, a tag or a commit is expected")
        return value

    @model_validator(mode="after")
    def _somewhere(self) -> Consumer:
        if self.path is None and self.git is None:
            raise ValueError("either `path` or `git` says where the consumer is")
        if self.git is not None and self.path is not None and (self.path.is_absolute() or ".." in self.path.parts):
            raise ValueError("with `git`, `path` lies inside the repository")
        return self


Gate: TypeAlias = Literal[
    "openapi_schema", "schema_diff", "generated_types", "consumer_compatibility", "contract_tests"
]


class Policy(Model):
    """What a finding means for a deployment."""

    SHORT_FOR: ClassVar[str] = "mode"
    """The key that a plain text in the place of the mapping stands for: `policy: warn`."""

    mode: Literal["enforce", "warn"] = Field(
        default="enforce", description="warn: everything runs and is shown, nothing is rejected"
    )
    breaking: Literal["reject", "consumers", "warn"] = Field(
        default="reject",
        description="what a breaking change of the schema means; consumers: reject what breaks a registered consumer, "
        "or of which that cannot be told",
    )
    consumer_tests: Literal["report", "reject"] = Field(
        default="report", description="what a break means that stands only in the tests of a consumer"
    )
    report_only: tuple[Gate, ...] = Field(
        default=(), description="gates that run and are shown, and decide nothing: a dry run of a gate"
    )
    approvals: Path | None = Field(
        default=None, description="file of severities and approvals of findings (docs/diff.md), relative to olorin.yaml"
    )
    contract_include: tuple[str, ...] = Field(
        default=(),
        description='operations that contract tests ask, all when empty; globs: "GET /orders*", an id, a tag',
    )
    contract_exclude: tuple[str, ...] = Field(
        default=(), description="operations that contract tests leave out, and say so; globs of the same kind"
    )
    known_failures: Path | None = Field(
        default=None,
        description="file of known failures of contract tests (docs/olorin-test.md), relative to olorin.yaml",
    )
    coverage: float = Field(default=0.95, ge=0, le=1, description="share of operations the contract tests must reach")
    on_unknown: Literal["reject", "hold"] = Field(
        default="reject", description="what a gate means that could not tell (error or no data)"
    )
    on_production_failure: Literal["rollback", "alert"] = Field(
        default="alert", description="what the hourly check does when production breaks its contract"
    )
    behaviour: Literal["warn", "reject"] = Field(
        default="warn", description="what it means that the candidate answers otherwise than production does"
    )
    contract_seconds: float = Field(default=60.0, gt=0, le=3600, description="time budget of one contract suite")


class Pace(Model):
    """What one kind of change has of its own in a rollout; what is left out is worked out from the rollout's keys."""

    steps: tuple[int, ...] | None = Field(default=None, description="its weights (default: those of `steps`)")
    step_seconds: float | None = Field(
        default=None, gt=0, description="how long a step is watched at least (default: half, or twice, `step_seconds`)"
    )

    @field_validator("steps")
    @classmethod
    def _rising_to_100(cls, steps: tuple[int, ...] | None) -> tuple[int, ...] | None:
        return rising_to_100(steps) if steps is not None else None


class RolloutPolicy(Model):
    """How traffic is moved and what is watched."""

    router: Literal["none", "envoy", "command", "webhook"] = Field(
        default="none", description="none: verify and give the verdict, move nothing; the others: docs/routers.md"
    )
    needs: tuple[Name, ...] = Field(
        default=(),
        description="other entries of `services`, for further documents of the same process: traffic moves only when "
        "each of them accepted the same version at the same URL",
    )
    command: CommandRoute | None = Field(default=None, description="the program of the router `command`")
    webhook: WebhookRoute | None = Field(default=None, description="the service of the router `webhook`")
    envoy: EnvoyRoute = Field(default=EnvoyRoute(), description="what the router `envoy` allows each version")
    more_admins: tuple[HttpUrl, ...] = Field(
        default=(),
        description="admin interfaces of further Envoys that read the same files: a route counts once each shows it",
    )
    metrics: Literal["envoy", "prometheus"] = Field(
        default="envoy",
        description="where counters are read: Envoy's own statistics, or a Prometheus that scrapes them",
    )
    prometheus: PrometheusSource = Field(default=PrometheusSource(), description="which Prometheus")
    steps: tuple[int, ...] = Field(default=(10, 25, 50, 100), description="weights of the candidate, in percent")
    step_seconds: float = Field(default=20.0, gt=0, description="how long a step is watched at least")
    step_deadline_seconds: float = Field(
        default=60.0, gt=0, description="how long a step may wait for data before the rollout is aborted"
    )
    min_requests: int = Field(default=50, ge=1, description="requests on the candidate a step needs")
    error_rate: float = Field(default=0.02, gt=0, lt=1, description="share of failed requests that is too much")
    latency_ratio: float = Field(default=2.0, gt=1, description="latency against stable that is too much")
    latency_floor_ms: float = Field(default=25.0, ge=0, description="latency below this is never too much")
    approve_before: tuple[int, ...] = Field(
        default=(), description="weights that a person has to approve before they are reached: `olorin rollout approve`"
    )
    pause_seconds: float = Field(
        default=14400.0, gt=0, description="how long a paused rollout holds its weight at most, before it is taken back"
    )
    post_bake_seconds: float = Field(
        default=300.0,
        ge=0,
        description="how long the guard watches a promoted version, and takes it back when it breaks a limit",
    )

    fast: Pace = Field(default=Pace(), description="for a version whose document is the one production serves")
    slow: Pace = Field(default=Pace(), description="for a version that breaks its contract, as was approved")
    operations: int = Field(
        default=50, ge=0, le=200, description="how many operations of the document are watched each by itself"
    )
    samples: int = Field(
        default=3,
        ge=0,
        le=20,
        description="documented GETs sent to each version at a look while users send too few; never counted as users",
    )

    @field_validator("steps")
    @classmethod
    def _rising_to_100(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        return rising_to_100(steps)

    @model_validator(mode="after")
    def _told_how(self) -> RolloutPolicy:
        if self.needs and self.router == "none":
            raise ValueError("`needs` keeps traffic back, and the router `none` moves none: give it to the other entry")
        if self.router in ("command", "webhook") and getattr(self, self.router) is None:
            raise ValueError(f"the router {self.router} needs the key `{self.router}`")
        if self.router in ("command", "webhook") and self.metrics == "envoy":
            raise ValueError(
                f"nobody would count the requests: the router {self.router} moves no traffic of our Envoy. "
                "Write `metrics: prometheus` and `prometheus: {queries: …}` (docs/routers.md)"
            )
        return self

    @model_validator(mode="after")
    def _deadline_after_step(self) -> RolloutPolicy:
        if self.step_deadline_seconds < self.step_seconds:
            raise ValueError("step_deadline_seconds must not be shorter than step_seconds")
        return self


class Service(Model):
    """An HTTP API under contract."""

    schema_path: str = Field(
        default="/openapi.json", alias="schema", description="path of the OpenAPI document below the URL, or a URL"
    )
    baseline: Baseline = Field(
        default=Baseline(), description="where production's document is, when production does not serve it"
    )
    health: str = Field(
        default="/", pattern="^/", description="path that tells whether an instance is healthy: any status below 500"
    )
    auth: Auth = Field(default=Auth(), description="credentials, by reference to the environment")
    http: Http = Field(default=Http(), description="how it is called")
    environments: dict[Name, Environment] = Field(
        description="where the service runs; `production` is required", min_length=1
    )
    consumers: tuple[Consumer, ...] = Field(default=(), description="who compiles against it")
    policy: Policy = Field(default=Policy(), description="what a finding means; `warn` is short for mode: warn")
    rollout: RolloutPolicy = Field(default=RolloutPolicy(), description="how traffic is moved")

    @field_validator("policy", mode="before")
    @classmethod
    def _short_policy(cls, value: Any) -> Any:
        return {Policy.SHORT_FOR: value} if isinstance(value, str) else value

    @field_validator("environments")
    @classmethod
    def _has_production(cls, value: dict[str, Environment]) -> dict[str, Environment]:
        if "production" not in value:
            raise ValueError("an environment called 'production' is required: it is the baseline")
        return value

    def environment(self, name: str) -> Environment:
        """Return the environment, or raise `UnknownName`."""
        if name not in self.environments:
            raise UnknownName("environment", name, self.environments)
        return self.environments[name]

    def schema_url(self, base_url: str) -> str:
        """Return the address of the OpenAPI document of an instance at `base_url`."""
        if self.schema_path.startswith(("http://", "https://")):
            return self.schema_path
        return f"{base_url.rstrip('/')}/{self.schema_path.lstrip('/')}"


class Ports(Model):
    """Loopback ports of the embedded world; 0 chooses a free one."""

    ui: int = Field(default=3000, ge=0, le=65535, description="the Dagster UI")
    envoy: int = Field(default=10000, ge=0, le=65535, description="user traffic")
    admin: int = Field(default=9901, ge=0, le=65535, description="Envoy's admin interface")
    prometheus: int = Field(default=9090, ge=0, le=65535, description="Prometheus, with `metrics: prometheus`")
    first_service: int = Field(default=8001, ge=0, le=65535, description="the first instance of the example service")


class Config(Model):
    """All of `olorin.yaml`. `root` is its folder; relative paths are read from there."""

    root: Path = Field(exclude=True)
    home: Path = Field(default=Path("var"), description="where Olorin keeps its state, relative to olorin.yaml")
    registry: str = Field(default="", description="SQLAlchemy URL of the registry; empty: SQLite in `home`")
    ports: Ports = Field(default=Ports(), description="ports of the embedded world")
    serve: Serve = Field(default=Serve(), description="who may announce deployments over HTTP: `olorin serve`")
    notify: Notify = Field(default=Notify(), description="who is told what was decided")
    services: dict[Name, Service] = Field(description="the APIs under contract, by name", min_length=1)

    @field_validator("services")
    @classmethod
    def _an_envoy_each(cls, value: dict[str, Service]) -> dict[str, Service]:
        first, *more = [name for name, service in value.items() if service.rollout.router == "envoy"] or [""]
        if more:
            raise ValueError(
                f"one Envoy routes one service, and it is that of {first}: {', '.join(more)} needs an olorin.yaml "
                "with a `home` and `ports` of its own, or another router"
            )
        return value

    @field_validator("services")
    @classmethod
    def _needed(cls, value: dict[str, Service]) -> dict[str, Service]:
        for name, service in value.items():
            for other in service.rollout.needs:
                if other not in value or other == name:
                    raise ValueError(f"{name} needs {other}, which is no other entry of `services`")
                if value[other].rollout.needs:
                    raise ValueError(f"{name} needs {other}, which needs others itself: name all of them in one entry")
        return value

    @property
    def state(self) -> Path:
        """The absolute folder of the state."""
        return self.root / self.home

    @property
    def registry_url(self) -> str:
        """The SQLAlchemy URL of the registry, with an absolute path for the embedded SQLite."""
        return self.registry or f"sqlite:///{self.state / 'olorin.db'}"

    def service(self, name: str) -> Service:
        """Return the service, or raise `UnknownName` with the nearest name."""
        if name not in self.services:
            raise UnknownName("service", name, self.services)
        return self.services[name]
