"""The shape of `olorin.yaml`: frozen models that refuse unknown keys. The docs page is generated from here."""

from __future__ import annotations

import base64
import os
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    field_validator,
    model_validator,
)
from pydantic_core import core_schema

from olorin_pipelines.errors import ConfigError, UnknownName

__all__ = [
    "ApiKey",
    "Auth",
    "Basic",
    "BearerCommand",
    "Config",
    "Consumer",
    "Environment",
    "Http",
    "HttpUrl",
    "Name",
    "OAuth2",
    "Policy",
    "Ports",
    "RolloutPolicy",
    "Secret",
    "Service",
    "expand",
]

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_REPOSITORY = re.compile(r"(https|ssh|file)://[^\s]+|git@[\w.-]+:[^\s]+|[./][^\s:]*")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)(?::-(?P<default>[^}]*))?\}")


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("a name has lower-case letters, digits and hyphens, at most 63, as in DNS")
    return value


Name = Annotated[str, AfterValidator(_name)]


def _http_url(value: str) -> str:
    if not re.match(r"https?://[^/\s]+", value):
        raise ValueError("a URL with http:// or https:// is expected")
    return value.rstrip("/")


HttpUrl = Annotated[str, AfterValidator(_http_url)]


class Secret:
    """A secret value, written in the file as `${VARIABLE}`; read from the environment when it is used, shown never.

    It is looked up late so that a machine without the secret can still load the configuration, list the assets and
    validate the definitions; what needs it then fails by name.
    """

    def __init__(self, source: str) -> None:
        self._source = source

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: Any, _handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema(min_length=1))

    def __repr__(self) -> str:
        return "Secret('**********')"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._source == other._source

    def __hash__(self) -> int:
        return hash(self._source)

    def reveal(self) -> str:
        """Return the value. Raises `ConfigError` naming the variable that is missing."""
        return expand(self._source)


def expand(text: str) -> str:
    """Replace `${NAME}` and `${NAME:-default}` by the environment. Raises `ConfigError` for one that is not set."""

    def value(match: re.Match[str]) -> str:
        found = os.environ.get(match["name"], match["default"])
        if found is None:
            raise ConfigError(
                f"the environment variable {match['name']} is not set",
                hint=f"export {match['name']}=… or write ${{{match['name']}:-default}}",
            )
        return found

    return _VARIABLE.sub(value, text)


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Basic(_Model):
    """User and password, sent as `Authorization: Basic …`."""

    username: str = Field(min_length=1, description="the user's name")
    password: Secret = Field(description="the password")


class ApiKey(_Model):
    """A key of the service."""

    name: str = Field(min_length=1, description="name of the header, query parameter or cookie")
    place: Literal["header", "query", "cookie"] = Field(default="header", description="where it is sent")
    value: Secret = Field(description="the key")


class BearerCommand(_Model):
    """A command that prints a token; run without a shell, its output is a secret."""

    command: tuple[str, ...] = Field(min_length=1, description="program and arguments, as a list")
    seconds: float = Field(default=10.0, gt=0, le=120, description="how long it may take")
    lasts: float | None = Field(default=None, gt=0, description="seconds a token is good for; it is renewed before")


class OAuth2(_Model):
    """OAuth2 client credentials: a token is fetched when it is wanted, and renewed before it ends, during a run too."""

    token_url: HttpUrl = Field(description="address of the token endpoint")
    client_id: str = Field(min_length=1, description="who asks")
    client_secret: Secret = Field(description="the client's secret, sent as basic authentication")
    scopes: tuple[str, ...] = Field(default=(), description="what is asked for")
    audience: str = Field(default="", description="for whom, where the endpoint wants to know")


class Auth(_Model):
    """With which credentials the service under contract is called. Of the first four keys at most one is given."""

    bearer: Secret | None = Field(default=None, description="token sent as `Authorization: Bearer …`")
    bearer_command: BearerCommand | None = Field(default=None, description="command that prints such a token")
    oauth2: OAuth2 | None = Field(default=None, description="token endpoint that gives such a token")
    basic: Basic | None = Field(default=None, description="user and password")
    api_key: ApiKey | None = Field(default=None, description="key in a header, in the query or in a cookie")
    more: dict[str, Secret] = Field(default={}, alias="headers", description="more headers, by name")
    expired_bearer: Secret | None = Field(
        default=None, description="token that was good once, to test that it is refused; without it that is not tested"
    )

    @model_validator(mode="after")
    def _one_authorization(self) -> Auth:
        given = [name for name in ("bearer", "bearer_command", "oauth2", "basic") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"{given[0]} and {given[1]} both set `Authorization`: give one of them")
        return self

    def headers(self) -> dict[str, str]:
        """Return the headers that stay the same: all but a token that has to be fetched.

        Raises `ConfigError` when a secret is not set.
        """
        found = {name: value.reveal() for name, value in self.more.items()}
        if self.api_key and self.api_key.place != "query":
            key = self.api_key.value.reveal()
            cookie = self.api_key.place == "cookie"
            found |= {"Cookie": f"{self.api_key.name}={key}"} if cookie else {self.api_key.name: key}
        if self.basic:
            pair = f"{self.basic.username}:{self.basic.password.reveal()}".encode()
            found["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        if self.bearer:
            found["Authorization"] = f"Bearer {self.bearer.reveal()}"
        return found

    def query(self) -> dict[str, str]:
        """Return what is added to the query of every request. Raises `ConfigError` when a secret is not set."""
        key = self.api_key
        return {key.name: key.value.reveal()} if key and key.place == "query" else {}

    def expired_headers(self) -> dict[str, str]:
        """Return headers that must be refused. Raises `ConfigError` when a secret is not set."""
        return {"Authorization": f"Bearer {self.expired_bearer.reveal()}"} if self.expired_bearer else {}


class Http(_Model):
    """Over which connection the service is called, how our requests are marked, and which values are known to exist."""

    ca: Path | None = Field(default=None, description="PEM file of the certificates that are trusted")
    certificate: Path | None = Field(default=None, description="PEM file of our own certificate, for mutual TLS")
    key: Path | None = Field(default=None, description="PEM file of its key, unless it stands in the same file")
    proxy: HttpUrl | None = Field(default=None, description="HTTP proxy that leads to the service")
    synthetic_header: str = Field(
        default="X-Olorin-Synthetic",
        pattern=r"^[A-Za-z0-9-]+$",
        description="header that marks our requests as no user's",
    )
    values: dict[str, str] = Field(default={}, description="real values of path and query parameters, by their name")
    operations: dict[str, dict[str, str]] = Field(
        default={}, description='the same for one operation: `GET /items/{item_id}: {item_id: "7"}`'
    )

    @model_validator(mode="after")
    def _key_of_a_certificate(self) -> Http:
        if self.key and not self.certificate:
            raise ValueError("a key belongs to a certificate: give `certificate` too")
        return self


class Environment(_Model):
    """Where a service runs."""

    url: HttpUrl = Field(description="base URL of the service in this environment")
    isolated_data: bool = Field(
        default=False, description="true: test data harms nobody here; false: the environment is read-only to Olorin"
    )
    http: Http | None = Field(default=None, description="how it is called here, instead of the service's `http`")


class Consumer(_Model):
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


class Policy(_Model):
    """What a finding means for a deployment."""

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


class RolloutPolicy(_Model):
    """How traffic is moved and what is watched."""

    router: Literal["none", "envoy"] = Field(
        default="none", description="none: verify and give the verdict, move nothing"
    )
    steps: tuple[int, ...] = Field(default=(10, 25, 50, 100), description="weights of the candidate, in percent")
    step_seconds: float = Field(default=20.0, gt=0, description="how long a step is watched at least")
    step_deadline_seconds: float = Field(
        default=60.0, gt=0, description="how long a step may wait for data before the rollout is aborted"
    )
    min_requests: int = Field(default=50, ge=1, description="requests on the candidate a step needs")
    error_rate: float = Field(default=0.02, gt=0, lt=1, description="share of failed requests that is too much")
    latency_ratio: float = Field(default=2.0, gt=1, description="latency against stable that is too much")
    latency_floor_ms: float = Field(default=25.0, ge=0, description="latency below this is never too much")

    @field_validator("steps")
    @classmethod
    def _rising_to_100(cls, steps: tuple[int, ...]) -> tuple[int, ...]:
        if not steps or list(steps) != sorted(set(steps)) or steps[0] < 1 or steps[-1] != 100:
            raise ValueError("weights rise from at least 1 and end with 100")
        return steps

    @model_validator(mode="after")
    def _deadline_after_step(self) -> RolloutPolicy:
        if self.step_deadline_seconds < self.step_seconds:
            raise ValueError("step_deadline_seconds must not be shorter than step_seconds")
        return self


class Service(_Model):
    """An HTTP API under contract."""

    schema_path: str = Field(
        default="/openapi.json", alias="schema", description="path of the OpenAPI document below the URL, or a URL"
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
        return {"mode": value} if isinstance(value, str) else value

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


class Ports(_Model):
    """Loopback ports of the embedded world; 0 chooses a free one."""

    ui: int = Field(default=3000, ge=0, le=65535, description="the Dagster UI")
    envoy: int = Field(default=10000, ge=0, le=65535, description="user traffic")
    admin: int = Field(default=9901, ge=0, le=65535, description="Envoy's admin interface")
    first_service: int = Field(default=8001, ge=0, le=65535, description="the first instance of the example service")


class Config(_Model):
    """All of `olorin.yaml`. `root` is its folder; relative paths are read from there."""

    root: Path = Field(exclude=True)
    home: Path = Field(default=Path("var"), description="where Olorin keeps its state, relative to olorin.yaml")
    registry: str = Field(default="", description="SQLAlchemy URL of the registry; empty: SQLite in `home`")
    ports: Ports = Field(default=Ports(), description="ports of the embedded world")
    services: dict[Name, Service] = Field(description="the APIs under contract, by name", min_length=1)

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
