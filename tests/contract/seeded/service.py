"""A service as people write them: orders behind bearer tokens, which keeps its document but for one bug at a time.

The document is always that of the service without bugs.
"""

# No postponed annotations: FastAPI reads those of handlers that are made inside a function.
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import jwt
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, PlainTextResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from tests.contract.seeded.bugs import BUGS

SECRET = "a-secret-of-the-seeded-service-that-is-long-enough"
SKU = r"^[A-Z]{3}-[0-9]{4}$"
SLOW = 0.6


def token(*, lifetime: timedelta = timedelta(hours=1)) -> str:
    """A token of the service, rightly signed; expired with a negative lifetime."""
    return jwt.encode({"sub": "tests", "exp": datetime.now(UTC) + lifetime}, SECRET, algorithm="HS256")


class Problem(BaseModel):
    title: str
    status: int = Field(ge=400, le=599)
    detail: str


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": "refused", "content": content} for status in statuses}


def problem(status: int, detail: str, headers: Any = None) -> Response:
    body = {"title": "refused", "status": status, "detail": detail}
    return JSONResponse(body, status_code=status, headers=headers, media_type="application/problem+json")


def distinct(values: list[str]) -> list[str]:
    if len(set(values)) != len(values):
        raise ValueError("values repeat")
    return values


def create_app(bug: str | None = None) -> FastAPI:
    """The service with one of BUGS, or none."""
    app = _app(bug)
    if bug is not None:
        assert bug in BUGS
        clean = _app(None).openapi()
        app.openapi = lambda: clean  # type: ignore[method-assign]
    return app


def _app(bug: str | None) -> FastAPI:
    app = FastAPI(title="Orders", version="1")
    orders: dict[uuid.UUID, dict[str, Any]] = {}
    answered: set[str] = set()

    def limited(**limits: Any) -> Any:
        return {key: value for key, value in limits.items() if bug != f"{key}_not_enforced"}

    Priority: Any = str if bug == "enum_not_enforced" else Literal["low", "normal", "high"]  # noqa: N806
    State: Any = str if bug == "query_enum_not_enforced" else Literal["open", "shipped"]  # noqa: N806
    Extra: Any = "ignore" if bug == "extra_field_accepted" else "forbid"  # noqa: N806
    Tags: Any = Annotated[  # noqa: N806
        list[Annotated[str, Field(**limited(min_length=1, max_length=10))]],
        Field(
            json_schema_extra={"uniqueItems": True}, **limited(max_length=5) if bug != "max_items_not_enforced" else {}
        ),
        AfterValidator(distinct if bug != "unique_items_not_enforced" else lambda values: values),
    ]

    class NewOrder(BaseModel):
        model_config = ConfigDict(extra=Extra)

        sku: str = Field(**limited(pattern=SKU), **({"default": "AAA-0000"} if bug == "required_not_enforced" else {}))
        quantity: int = Field(**limited(ge=1, le=100))
        discount: int = Field(default=0, **limited(ge=0, lt=100, multiple_of=5))
        priority: Priority = "normal"
        customer: str = Field(**limited(min_length=2, max_length=40))
        note: Annotated[str, Field(**limited(max_length=80))] | None = None
        due: datetime | None = None
        tags: Tags = []

    class Change(BaseModel):
        model_config = ConfigDict(extra="forbid")

        quantity: Annotated[int, Field(**limited(ge=1, le=100))] | None = None
        priority: Priority | None = None

    class Order(BaseModel):
        model_config = ConfigDict(extra="forbid")

        id: uuid.UUID
        sku: str
        quantity: int
        priority: Priority
        customer: str
        note: str | None
        tags: list[str]
        status: Literal["open", "shipped"]
        created_at: datetime

    class OrderPage(BaseModel):
        items: list[Order]
        total: int = Field(ge=0)
        limit: int
        offset: int

    class Quote(BaseModel):
        sku: str
        quantity: int
        price: float

    class Product(BaseModel):
        sku: str
        name: str

    bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", scheme_name="bearer")

    def caller(
        request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)] = None
    ) -> str:
        if bug == "auth_not_enforced" and request.url.path.startswith("/orders") and request.method == "GET":
            return "anybody"
        if bug == "auth_not_enforced_on_delete" and request.method == "DELETE":
            return "anybody"
        if credentials is None:
            raise HTTPException(401, "no token", headers={"WWW-Authenticate": "Bearer"})
        return _subject(credentials.credentials, bug)

    Caller = Annotated[str, Depends(caller)]  # noqa: N806

    def found(order_id: uuid.UUID) -> dict[str, Any]:
        if order_id not in orders:
            if bug == "not_found_500":
                raise RuntimeError("no such order")
            raise HTTPException(404, "no such order")
        if bug == "created_not_found" or (bug == "use_after_delete" and orders[order_id].get("gone") == "really"):
            raise HTTPException(404, "no such order")
        return orders[order_id]

    def shown(order: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in order.items() if key not in ("gone", "due", "discount")}

    @app.get(
        "/orders",
        response_model=OrderPage,
        responses={
            200: {"headers": {"X-Total-Count": {"required": True, "schema": {"type": "integer", "minimum": 0}}}},
            **refusals(401, 422),
        },
    )
    def list_orders(
        _: Caller,
        response: Response,
        limit: Annotated[int, Query(**limited(ge=1, le=100))] = 20,
        offset: Annotated[int, Query(ge=0)] = 0,
        status: Annotated[State | None, Query()] = None,
        customer: Annotated[str | None, Query(max_length=40)] = None,
    ) -> Any:
        if bug == "quote_in_query_500" and customer and "'" in customer:
            raise RuntimeError("as from a database whose statement was put together by hand")
        if bug == "boundary_500" and limit == 100:
            raise RuntimeError("off by one")
        wanted = [order for order in orders.values() if customer in (None, order["customer"])]
        chosen = [shown(order) for order in wanted if status in (None, order["status"]) and "gone" not in order]
        first = 0 if bug == "offset_ignored" else offset
        last = first + (limit if bug != "limit_ignored" else 10**6)
        if bug != "header_missing":
            response.headers["X-Total-Count"] = "many" if bug == "header_wrong" else str(len(chosen))
        return {"items": chosen[first:last], "total": len(chosen), "limit": limit, "offset": offset}

    @app.post(
        "/orders",
        response_model=Order,
        status_code=202 if bug == "undocumented_status" else 201,
        responses={
            201: {
                "headers": {"Location": {"required": True, "schema": {"type": "string"}}},
                "links": {
                    name: {"operationId": f"{name}_order", "parameters": {"order_id": "$response.body#/id"}}
                    for name in ("read", "change", "remove")
                },
            },
            **refusals(400, 401, 422),
        },
    )
    def create_order(
        _: Caller,
        order: NewOrder,
        response: Response,
        x_request_id: Annotated[str, Header(min_length=8)],
    ) -> Any:
        if bug == "valid_value_refused" and order.quantity == 100:
            raise HTTPException(422, "too many")
        if bug == "undocumented_refusal" and order.priority == "high":
            raise HTTPException(409, "too busy")
        if bug == "null_500" and "note" in order.model_fields_set and order.note is None:
            raise RuntimeError("null")
        if bug == "quote_in_body_500" and order.note and "'" in order.note:
            raise RuntimeError("as from a database whose statement was put together by hand")
        key = uuid.uuid4()
        made = {**order.model_dump(), "id": key, "status": "open", "created_at": datetime.now(UTC)}
        if len(orders) < 5_000:
            orders[key] = made
        response.headers["Location"] = f"/orders/{key}"
        return shown(made)

    @app.get("/orders/{order_id}", operation_id="read_order", response_model=Order, responses=refusals(401, 404, 422))
    def read_order(_: Caller, order_id: uuid.UUID) -> Any:
        return shown(found(order_id))

    @app.patch(
        "/orders/{order_id}", operation_id="change_order", response_model=Order, responses=refusals(400, 401, 404, 422)
    )
    def change_order(_: Caller, order_id: uuid.UUID, change: Change) -> Any:
        order = found(order_id)
        order.update({key: value for key, value in change.model_dump().items() if value is not None})
        return shown(order)

    @app.delete("/orders/{order_id}", operation_id="remove_order", status_code=204, responses=refusals(401, 404, 422))
    def remove_order(_: Caller, order_id: uuid.UUID) -> None:
        order = found(order_id)
        if bug == "use_after_delete":
            order["gone"] = "really" if order.get("gone") else "so it is said"
        else:
            del orders[order_id]

    @app.get("/quotes", response_model=Quote, responses=refusals(401, 422))
    def quote(
        _: Caller,
        sku: Annotated[str, Query(**limited(pattern=SKU))],
        quantity: Annotated[int, Query(**limited(ge=1, le=100))] = 1,
    ) -> Any:
        if bug == "inside_range_500" and quantity == 37:
            raise RuntimeError("thirty-seven")
        if bug == "slow_endpoint":
            time.sleep(SLOW)
        return {"sku": sku, "quantity": quantity, "price": quantity * 1.5}

    @app.get("/products", response_model=list[Product], responses=refusals(404, 422))
    def list_products(limit: Annotated[int | None, Query(ge=1, le=50)] = None) -> Any:
        if bug == "order_dependence":
            if "products" in answered:
                raise HTTPException(404, "only once")
            answered.add("products")
        return [{"sku": f"ABC-{number:04}", "name": f"Product {number}"} for number in range(30)][: limit or 50]

    @app.get("/products/{sku}", response_model=Product, responses=refusals(404, 422))
    def read_product(
        sku: Annotated[
            str, Path(**({} if bug == "path_pattern_not_enforced" else {"pattern": SKU}), examples=["ABC-0001"])
        ],
    ) -> Any:
        if bug != "path_pattern_not_enforced" and not sku.startswith("A"):
            raise HTTPException(404, "no such product")
        return {"sku": sku, "name": "Product"}

    @app.get("/report", response_class=PlainTextResponse, responses=refusals(401))
    def report(_: Caller) -> str:
        return f"{len(orders)} orders"

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    if bug == "undocumented_method":
        app.put("/orders/{order_id}", include_in_schema=False)(lambda order_id: {"replaced": order_id})
    _tell_problem(app)
    _refuse(app, bug)
    _spoil(app, bug)
    return app


def _subject(text: str, bug: str | None) -> str:
    if bug == "garbage_token_accepted":
        return "anybody"
    options: dict[str, Any] = {"require": ["exp"]}
    if bug == "expired_token_accepted":
        options["verify_exp"] = False
    if bug == "signature_not_checked":
        options["verify_signature"] = False
    try:
        if bug == "algorithm_none_accepted" and jwt.get_unverified_header(text)["alg"] == "none":
            return "anybody"
        return str(jwt.decode(text, SECRET, algorithms=["HS256"], options=options)["sub"])
    except jwt.PyJWTError as error:
        raise HTTPException(401, "the token is not valid", headers={"WWW-Authenticate": "Bearer"}) from error


def _tell_problem(app: FastAPI) -> None:
    tell = app.openapi

    def told() -> dict[str, Any]:
        document = tell()
        document["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        return document

    app.openapi = told  # type: ignore[method-assign]


def _refuse(app: FastAPI, bug: str | None) -> None:
    @app.exception_handler(StarletteHTTPException)
    async def refused(_: Request, error: StarletteHTTPException) -> Response:
        wrong = (bug == "error_body_wrong" and error.status_code == 404) or (
            bug == "refusal_401_body_wrong" and error.status_code == 401
        )
        if wrong:
            return JSONResponse({"message": error.detail}, error.status_code, media_type="application/problem+json")
        if bug == "error_media_wrong" and error.status_code == 404:
            return PlainTextResponse(error.detail, error.status_code)
        return problem(error.status_code, str(error.detail), error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        malformed = any(each["type"] == "json_invalid" for each in error.errors())
        if malformed and bug == "malformed_body_500":
            return problem(500, "cannot read this")
        return problem(400 if malformed else 422, "a value is invalid")

    @app.exception_handler(Exception)
    async def broken(_: Request, error: Exception) -> Response:
        return problem(500, str(error))


def _spoil(app: FastAPI, bug: str | None) -> None:
    """Change single orders on their way out."""
    changes: dict[str, Callable[[dict[str, Any]], object]] = {
        "field_missing": lambda order: order.pop("customer"),
        "wrong_type": lambda order: order.update(quantity=str(order["quantity"])),
        "null_not_nullable": lambda order: order.update(customer=None),
        "date_format": lambda order: order.update(created_at="24.11.2026 12:00"),
        "value_outside_enum": lambda order: order.update(status="OPEN"),
        "undocumented_field": lambda order: order.update(internal="x"),
    }

    @app.middleware("http")
    async def spoil(request: Request, call_next: Any) -> Response:
        if bug == "empty_json_500" and "content-type" in request.headers and not await request.body():
            return problem(500, "nothing to parse")
        if bug == "required_header_not_enforced" and "x-request-id" not in request.headers:
            request.scope["headers"].append((b"x-request-id", b"made-by-the-service"))
        response = await call_next(request)
        one = request.method == "GET" and request.url.path.startswith("/orders/") and response.status_code == 200
        if not one or bug not in (*changes, "wrong_content_type", "empty_body"):
            return response  # type: ignore[no-any-return]
        data = b"".join([chunk async for chunk in response.body_iterator])
        if bug == "wrong_content_type":
            return Response(data, media_type="text/html")
        if bug == "empty_body":
            return Response(b"", media_type="application/json")
        import json

        order = json.loads(data)
        changes[bug](order)
        return JSONResponse(order)
