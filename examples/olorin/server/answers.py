"""How errors and health are told, in every release."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from .versions import ApiVersion

__all__ = ["ErrorDetail", "ErrorResponse", "HealthCheck", "HealthReport", "HealthStatus"]


class ErrorDetail(BaseModel):
    """One thing that is wrong with a request. It never repeats the value that was sent."""

    location: str = Field(description="Where, for example `body.entity_type`")
    message: str = Field(description="What is wrong there")


class ErrorResponse(BaseModel):
    """The body of every error."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": "validation_failed",
                    "message": "1 value of the request is invalid",
                    "details": [{"location": "body.entity_id", "message": "Field required"}],
                }
            ]
        }
    )

    error: str = Field(description="A code for programs")
    message: str = Field(description="A sentence for people")
    details: list[ErrorDetail] = Field(description="The single faults; empty when there is nothing to add")


class HealthStatus(StrEnum):
    """Outcome of a health check."""

    OK = "ok"
    FAILED = "failed"


class HealthCheck(BaseModel):
    """One thing the service needs, and whether it has it."""

    name: str = Field(description="What was checked", examples=["store"])
    status: HealthStatus
    detail: str = Field(description="What was seen")


class HealthReport(BaseModel):
    """Answer of a probe: `failed` if any of its checks failed."""

    status: HealthStatus
    version: str = Field(description="Version of the service", examples=["2.0.0"])
    api_versions: list[ApiVersion] = Field(description="Versions of the API that are served, the oldest first")
    checks: list[HealthCheck]
