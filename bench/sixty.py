"""A FastAPI service of ten resources with six operations each: `python -m bench.sixty PORT`. It keeps its document."""

# No postponed annotations: FastAPI reads those of handlers that are made inside a function.
import sys
import uuid
from typing import Annotated, Any, Literal

import uvicorn
from fastapi import FastAPI, HTTPException, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

RESOURCES = ("accounts", "books", "cases", "deals", "events", "files", "grants", "hosts", "issues", "jobs")
MOST = 2_000


class Problem(BaseModel):
    """A refusal."""

    title: str
    status: int = Field(ge=400, le=599)


class NewThing(BaseModel):
    """What is created."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=40)
    kind: Literal["small", "middle", "large"] = "small"
    amount: int = Field(default=1, ge=0, le=1000)
    ratio: float = Field(default=0.5, ge=0, le=1)
    tags: list[Annotated[str, Field(max_length=10)]] = Field(default=[], max_length=5)
    note: Annotated[str, Field(max_length=80)] | None = None


class Change(BaseModel):
    """What can be changed."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    amount: Annotated[int, Field(ge=0, le=1000)] | None = None


class Thing(NewThing):
    """What there is."""

    id: uuid.UUID


class Page(BaseModel):
    """A part of a list."""

    items: list[Thing]
    total: int = Field(ge=0)


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document refusals by these statuses."""
    return {status: {"model": Problem} for status in statuses}


def create_app(*, changed: bool = False) -> FastAPI:
    """The service; `changed` makes the six operations of one resource another version of themselves."""
    app = FastAPI(title="Sixty", version="2" if changed else "1")

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        malformed = any(each["type"] == "json_invalid" for each in error.errors())
        return JSONResponse({"title": "invalid", "status": 400 if malformed else 422}, 400 if malformed else 422)

    @app.exception_handler(StarletteHTTPException)
    async def refused(_: Request, error: StarletteHTTPException) -> JSONResponse:
        return JSONResponse({"title": str(error.detail), "status": error.status_code}, error.status_code)

    for name in RESOURCES:
        _resource(app, name, changed=changed and name == RESOURCES[0])
    return app


def _resource(app: FastAPI, name: str, *, changed: bool) -> None:
    things: dict[uuid.UUID, Thing] = {}
    one = f"/{name}/{{thing_id}}"
    summary = f"{name}, told anew" if changed else name

    def found(key: uuid.UUID) -> Thing:
        if key not in things:
            raise HTTPException(404, "no such thing")
        return things[key]

    links: dict[str, Any] = {
        verb: {"operationId": f"{verb}_{name}", "parameters": {"thing_id": "$response.body#/id"}}
        for verb in ("read", "change", "remove", "count")
    }

    @app.get(f"/{name}", operation_id=f"list_{name}", responses=refusals(422), summary=summary)
    async def read_all(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0)] = 0,
        kind: Literal["small", "middle", "large"] | None = None,
    ) -> Page:
        chosen = [thing for thing in things.values() if kind in (None, thing.kind)]
        return Page(items=chosen[offset : offset + limit], total=len(chosen))

    @app.post(
        f"/{name}",
        operation_id=f"create_{name}",
        status_code=201,
        responses={201: {"links": links}, **refusals(400, 422)},
        summary=summary,
    )
    async def create(thing: NewThing) -> Thing:
        made = Thing(**thing.model_dump(), id=uuid.uuid4())
        if len(things) < MOST:
            things[made.id] = made
        return made

    @app.get(one, operation_id=f"read_{name}", responses=refusals(404, 422), summary=summary)
    async def read(thing_id: uuid.UUID) -> Thing:
        return found(thing_id)

    @app.patch(one, operation_id=f"change_{name}", responses=refusals(400, 404, 422), summary=summary)
    async def change(thing_id: uuid.UUID, said: Change) -> Thing:
        wanted = {key: value for key, value in said.model_dump().items() if value is not None}
        things[thing_id] = made = found(thing_id).model_copy(update=wanted)
        return made

    @app.delete(one, operation_id=f"remove_{name}", status_code=204, responses=refusals(404, 422), summary=summary)
    async def remove(thing_id: uuid.UUID) -> None:
        found(thing_id)
        del things[thing_id]

    @app.get(f"{one}/parts/{{number}}", operation_id=f"count_{name}", responses=refusals(404, 422), summary=summary)
    async def count(thing_id: uuid.UUID, number: Annotated[int, Path(ge=1, le=9)]) -> dict[str, int]:
        return {"part": number, "of": found(thing_id).amount}


if __name__ == "__main__":
    uvicorn.run(
        create_app(changed="changed" in sys.argv), host="127.0.0.1", port=int(sys.argv[1]), log_level="critical"
    )
