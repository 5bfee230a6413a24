"""What can be set from the environment, and what each setting is allowed to be."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, HttpUrl, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

__all__ = ["DEMO_SECRET", "Settings", "describe"]

DEMO_SECRET = "demo-secret-for-local-use-only-never-in-production"  # noqa: S105  (named a demo, warned about when used)


def _upper(value: Any) -> Any:
    return value.upper() if isinstance(value, str) else value


class Settings(BaseSettings):
    """Settings of one server process; every field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    backend_url: HttpUrl | None = Field(
        default=None, description="Where callers reach the service; becomes `servers` of the OpenAPI document."
    )
    api_base_url: str = Field(
        default="/api",
        pattern=r"^(/[A-Za-z0-9._~-]+)+$",
        description="Base path of the API; version 1 is served below it at `/v1`.",
    )
    request_timeout_ms: int = Field(
        default=5_000, ge=1, le=600_000, description="A request that takes longer is answered 504."
    )
    enable_v2_api: bool = Field(
        default=True,
        description="Whether a release that has version 2 serves it, at `/v2`, and calls version 1 deprecated.",
    )
    contract_test_timeout: int = Field(
        default=60,
        ge=1,
        le=86_400,
        description="Seconds a contract test run may take; published as `x-contract-test-timeout` in the document.",
    )
    log_level: Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"], BeforeValidator(_upper)] = "INFO"
    log_format: Literal["console", "json"] = "console"
    jwt_secret: SecretStr = Field(
        default=SecretStr(DEMO_SECRET), min_length=32, description="HS256 key of the bearer tokens."
    )
    fault_file: Path | None = Field(
        default=None,
        description="Fault injection for demos and tests: while this file exists, reads answer bodies that violate "
        "the schema.",
    )

    @property
    def uses_demo_secret(self) -> bool:
        """Whether tokens are signed with the secret that everybody can read in the source."""
        return self.jwt_secret.get_secret_value() == DEMO_SECRET

    @property
    def servers(self) -> list[dict[str, Any]]:
        """`servers` of the OpenAPI document: BACKEND_URL, else the host that serves the document."""
        if self.backend_url is None:
            return [{"url": "/", "description": "The host that serves this document"}]
        return [{"url": str(self.backend_url).rstrip("/"), "description": "BACKEND_URL"}]


def describe(error: ValidationError) -> str:
    """Invalid settings as one line, without their values: one of them may be a secret."""
    faults = (f"{'.'.join(map(str, fault['loc'])).upper()}: {fault['msg']}" for fault in error.errors())
    return "invalid setting " + "; ".join(faults)
