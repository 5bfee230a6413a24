"""What does the intake promise? Its own OpenAPI document, made of the messages; the contract suite holds it to that."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic.json_schema import models_json_schema

from olorin_pipelines import __version__
from olorin_pipelines.intake.messages import Announced, Announcement, Health, Ignored, Problem

__all__ = ["openapi_document"]

_PROBLEMS = {
    "400": "The body is not JSON, or the request is not one.",
    "401": "The caller did not show who it is.",
    "404": "There is no such deployment.",
    "408": "The body did not come in time.",
    "409": "Something else was announced under this id before.",
    "413": "The body is too large.",
    "415": "The body is not said to be JSON.",
    "422": "The body says something that cannot be: the detail names the place.",
    "503": "The registry does not answer.",
}
_BODY = ("400", "401", "408", "409", "413", "415", "422", "503")
_DEPLOYMENT = "#/components/schemas/Announced"


def openapi_document(services: Sequence[str], *, with_token: bool) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document for these services; `with_token` says whether a bearer token is wanted."""
    _, schemas = models_json_schema(
        [(Announcement, "validation"), *((each, "serialization") for each in (Announced, Health, Ignored, Problem))],
        ref_template="#/components/schemas/{model}",
    )
    schemas["$defs"]["Announcement"]["properties"]["service"] = _service(services)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Olorin Pipelines: intake",
            "version": __version__,
            "description": "Announce deployments, read what was decided about them, and count what Olorin does.",
        },
        "security": [{"token": []}] if with_token else [],
        "paths": {
            "/deployments": {"post": _announce(with_token=with_token)},
            "/deployments/{id}": {"get": _read()},
            "/webhooks/github/{service}": {"post": _hook("GitHub", "github", services, "`deployment_status`")},
            "/webhooks/gitlab/{service}": {"post": _hook("GitLab", "gitlab", services, "deployment events")},
            "/metrics": {"get": _metrics()},
            "/health": {"get": _health()},
            "/openapi.json": {"get": _document()},
        },
        "components": {
            "schemas": schemas["$defs"],
            "responses": {f"Problem{status}": _problem(text) for status, text in _PROBLEMS.items()},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "github": {"type": "apiKey", "in": "header", "name": "X-Hub-Signature-256"},
                "gitlab": {"type": "apiKey", "in": "header", "name": "X-Gitlab-Token"},
            },
        },
    }


def _announce(*, with_token: bool) -> dict[str, Any]:
    own: dict[str, Any] = {"security": [{"token": []}, {"github": []}, {"gitlab": []}]} if with_token else {}
    return {
        "operationId": "announceDeployment",
        "summary": "Announce that a version runs; it is verified like one of `olorin deploy`",
        **own,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Announcement"}}},
        },
        "responses": {
            "200": _json("It was announced before.", _DEPLOYMENT),
            "201": _json("It is announced.", _DEPLOYMENT) | {"headers": _location(), "links": _links()},
            **_problems(*_BODY),
        },
    }


def _read() -> dict[str, Any]:
    return {
        "operationId": "readDeployment",
        "summary": "Verdict, outcome and reasons of a deployment",
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "its id, or the one it was announced under",
                "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            }
        ],
        "responses": {"200": _json("The deployment.", _DEPLOYMENT), **_problems("400", "401", "404", "503")},
    }


def _service(services: Sequence[str]) -> dict[str, Any]:
    return {"type": "string", "enum": list(services), "description": "the service, as in olorin.yaml"}


def _hook(who: str, scheme: str, services: Sequence[str], what: str) -> dict[str, Any]:
    event = {
        "name": "X-GitHub-Event",
        "in": "header",
        "required": False,
        "description": "what GitHub speaks of",
        "schema": {"type": "string", "maxLength": 100},
    }
    service = {"name": "service", "in": "path", "required": True, "schema": _service(services)}
    return {
        "operationId": f"announceBy{who}",
        "summary": f"The webhook of {who}: {what}",
        "security": [{scheme: []}],
        "parameters": [service, *([event] if scheme == "github" else [])],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
        "responses": {
            "200": _json("It was announced before.", _DEPLOYMENT),
            "201": _json("It is announced.", _DEPLOYMENT) | {"headers": _location()},
            "202": _json("It is of no interest here.", "#/components/schemas/Ignored"),
            **_problems(*_BODY),
        },
    }


def _metrics() -> dict[str, Any]:
    return {
        "operationId": "readMetrics",
        "summary": "What Olorin does, for Prometheus",
        "responses": {
            "200": {"description": "Prometheus text.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **_problems("401", "503"),
        },
    }


def _health() -> dict[str, Any]:
    health = "#/components/schemas/Health"
    return {
        "operationId": "readHealth",
        "summary": "Whether the registry answers",
        "security": [],
        "responses": {
            "200": _json("It does.", health),
            "503": _json("It does not.", health),
        },
    }


def _document() -> dict[str, Any]:
    return {
        "operationId": "readDocument",
        "summary": "This document",
        "responses": {
            "200": {"description": "OpenAPI 3.1.", "content": {"application/json": {"schema": {"type": "object"}}}},
            **_problems("401"),
        },
    }


def _json(description: str, ref: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": {"$ref": ref}}}}


def _location() -> dict[str, Any]:
    return {"Location": {"description": "Where it can be read.", "schema": {"type": "string"}, "required": True}}


def _links() -> dict[str, Any]:
    return {"deployment": {"operationId": "readDeployment", "parameters": {"id": "$response.body#/id"}}}


def _problem(text: str) -> dict[str, Any]:
    return {
        "description": text,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _problems(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": f"#/components/responses/Problem{status}"} for status in statuses}
