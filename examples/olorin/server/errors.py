"""Every error this service answers, in one shape: `ErrorResponse`."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from .answers import ErrorDetail, ErrorResponse

__all__ = ["Problem", "documented", "error_answer", "install_error_handlers"]

_MEANING = {
    400: "The body cannot be decoded",
    401: "No token, or not a valid one",
    404: "There is no such investigation",
    422: "A value of the request is invalid",
    504: "The request took longer than REQUEST_TIMEOUT_MS",
}


class Problem(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, error: str, message: str, *, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message
        self.headers = headers


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe error answers for the `responses` of a route."""
    return {status: {"model": ErrorResponse, "description": _MEANING[status]} for status in statuses}


def error_answer(
    status: int,
    error: str,
    message: str,
    details: list[ErrorDetail] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """Write an error as a response."""
    body = ErrorResponse(error=error, message=message, details=details or [])
    return JSONResponse(body.model_dump(mode="json"), status_code=status, headers=headers)


def install_error_handlers(app: FastAPI) -> None:
    """Make the app answer its own, the framework's and the validation's errors as `ErrorResponse`."""

    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> JSONResponse:
        return error_answer(error.status, error.error, error.message, headers=error.headers)

    @app.exception_handler(HTTPException)
    async def http_error(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        headers = dict(error.headers or {})
        if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            headers["Allow"] = _allowed(app, request.url.path) or headers.get("Allow", "GET")
        message = error.detail if error.detail != phrase else f"{phrase}: {request.method} is not served here"
        return error_answer(error.status_code, phrase.lower().replace(" ", "_"), message, headers=headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        faults = error.errors()
        details = [ErrorDetail(location=".".join(map(str, f["loc"])), message=f["msg"]) for f in faults]
        if any(fault["type"] == "json_invalid" for fault in faults):
            return error_answer(400, "malformed_body", "The body is not valid JSON", details)
        counted = "1 value of the request is" if len(faults) == 1 else f"{len(faults)} values of the request are"
        return error_answer(422, "validation_failed", f"{counted} invalid", details)


def _allowed(app: FastAPI, path: str) -> str:
    """List the methods the document promises for a path; the framework tells those of one route only."""
    paths = app.openapi()["paths"]
    methods = {
        method.upper() for template in paths if compile_path(template)[0].match(path) for method in paths[template]
    }
    return ", ".join(sorted(methods))
