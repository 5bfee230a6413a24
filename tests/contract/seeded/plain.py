"""A correct service full of what FastAPI and pydantic do leniently: coercion, sets, times without a zone."""

# No postponed annotations: FastAPI reads those of handlers that are made inside a function.
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum, IntEnum
from typing import Annotated, Any, Literal

from fastapi import Body, Cookie, FastAPI, Header, HTTPException, Path, Query, Response
from pydantic import AnyUrl, BaseModel, Field, StringConstraints, model_validator


class Colour(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = Field(ge=0, le=9)


class Dog(BaseModel):
    kind: Literal["dog"]
    tricks: set[str] = Field(default_factory=set, max_length=3)


class Thing(BaseModel):
    name: Annotated[str, StringConstraints(to_lower=True, max_length=10)]
    pet: Annotated[Cat | Dog, Field(discriminator="kind")]
    price: Decimal = Field(default=Decimal("1.5"), ge=0, max_digits=6, decimal_places=2)
    ratio: float = Field(default=0.5, gt=0, lt=1)
    colour: Colour = Colour.RED
    level: Level = Level.LOW
    tags: set[str] = Field(default_factory=set)
    code: Annotated[str, Field(pattern=r"^\d{2,4}$")] | None = None
    score: Annotated[int, Field(ge=1, le=5)] | float | None = None
    extra: dict[str, int] = Field(default_factory=dict)


class Span(BaseModel):
    first: int = Field(ge=0, le=50)
    last: int = Field(ge=0, le=50)
    label: str = Field(default="", max_length=30)

    @model_validator(mode="after")
    def in_order(self) -> "Span":
        if self.first > self.last:
            raise ValueError("it ends before it begins")
        return self


class Stored(Thing):
    id: int
    tags: list[str]  # type: ignore[assignment]
    at: datetime
    day: date
    clock: time
    took: timedelta
    home: AnyUrl


def create_app() -> FastAPI:
    app = FastAPI(title="Plain", version="1")
    things: dict[int, Stored] = {}
    missing: dict[int | str, dict[str, Any]] = {404: {"description": "nothing there"}}
    unreadable: dict[int | str, dict[str, Any]] = {400: {"description": "the body cannot be read"}}

    @app.post("/things", status_code=201, responses=unreadable)
    def create(thing: Thing) -> Stored:
        key = len(things) + 1
        made = Stored(
            **{**thing.model_dump(), "tags": sorted(thing.tags)},
            id=key,
            at=datetime(2026, 1, 1, 12, 0),
            day=date(2026, 1, 1),
            clock=time(1, 2),
            took=timedelta(seconds=90),
            home=AnyUrl("http://localhost/x y"),
        )
        if key < 500:
            things[key] = made
        return made

    @app.get("/things")
    def read_all(
        response: Response,
        limit: Annotated[int, Query(gt=0, le=1000)] = 100,
        skip: Annotated[int, Query(ge=0)] = 0,
        tag: Annotated[list[str] | None, Query(max_length=3)] = None,
        colour: Colour | None = None,
        after: datetime | None = None,
        exact: bool = False,
        ratio: Annotated[float | None, Query(gt=0, lt=1)] = None,
        x_trace: Annotated[str | None, Header(max_length=20)] = None,
        theme: Annotated[str | None, Cookie(max_length=5)] = None,
    ) -> list[Stored]:
        return list(things.values())[skip : skip + limit]

    @app.get("/things/{key}", responses=missing)
    def read(key: Annotated[int, Path(ge=1)]) -> Stored:
        if key not in things:
            raise HTTPException(404, "nothing there")
        return things[key]

    @app.delete("/things/{key}", status_code=204, responses=missing)
    def remove(key: int) -> None:
        if things.pop(key, None) is None:
            raise HTTPException(404, "nothing there")

    @app.put("/flags/{name}", responses=unreadable)
    def flag(name: Annotated[str, Path(max_length=8)], on: Annotated[bool, Body(embed=True)]) -> dict[str, bool]:
        return {name: on}

    @app.post("/spans", responses=unreadable)
    def measure(span: Span) -> dict[str, int]:
        return {"length": span.last - span.first}

    @app.get("/latest", responses=missing)
    def latest() -> Stored:
        if not things:
            raise HTTPException(404, "nothing there")
        return things[max(things)]

    return app
