"""Two instances of one service: noisy in what it may be, and with one change of behaviour that no schema sees."""

# No postponed annotations: FastAPI reads those of handlers that are made inside a function.
import itertools
import time
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Response
from pydantic import BaseModel

CHANGES = {
    "value": ("GET /quotes", "value", "/price"),
    "field": ("GET /quotes", "field", "/currency"),
    "type": ("GET /quotes", "field", "/note"),
    "status": ("GET /products/{sku}", "status", ""),
    "header": ("GET /products", "header", "x-shelf"),
    "content_type": ("GET /motd", "content type", ""),
    "text": ("GET /motd", "value", "/"),
    "slow": ("GET /quotes", "latency", ""),
}
"""A change, and the operation, kind and place that have to be named for it."""


class Quote(BaseModel):
    """What a quote is; everything that changes stays inside of it."""

    quantity: int
    price: float
    currency: str | None = None
    note: str | int | None = None


def create_app(change: str = "", *, orders: int = 0, version: str = "1") -> FastAPI:
    """The service with one of CHANGES, and so many orders in its own data."""
    app = FastAPI(title="Twin", version=version)
    counter = itertools.count(1)
    begun = time.time()

    @app.get("/quotes", response_model_exclude_none=True)
    def quote(quantity: Annotated[int, Query(ge=1, le=9)]) -> Quote:
        if change == "slow":
            time.sleep(0.3)
        price = quantity * (1.1 if change == "value" else 1.0)
        currency = None if change == "field" else "EUR"
        return Quote(quantity=quantity, price=price, currency=currency, note=7 if change == "type" else "seven")

    @app.get("/products", responses={200: {"headers": {"X-Shelf": {"schema": {"type": "string"}}}}})
    def products(response: Response) -> list[dict[str, Any]]:
        if change != "header":
            response.headers["X-Shelf"] = "left"
        return [{"sku": f"ABC-{number}", "seen": str(datetime.now(UTC))} for number in range(4)]

    @app.get("/products/{sku}")
    def product(sku: str) -> dict[str, Any]:
        if change == "status" and sku == "ABC-1":
            raise HTTPException(404, "gone")
        return {"sku": sku, "request_id": str(uuid.uuid4()), "at": datetime.now(UTC).isoformat(timespec="seconds")}

    @app.get("/health")
    def health() -> dict[str, Any]:
        return {"calls": next(counter), "up": time.time() - begun, "now": int(time.time()), "version": version}

    @app.get("/orders")
    def all_orders() -> dict[str, Any]:
        return {"total": orders, "items": [{"id": number, "amount": orders} for number in range(orders)]}

    @app.get("/store")
    def store() -> dict[str, Any]:
        return {"state": "ok", "detail": f"{orders} orders and {orders + 1} customers", "size": orders}

    @app.get("/motd")
    def message() -> Response:
        kind = "text/html" if change == "content_type" else "text/plain"
        return Response(f"{orders} orders {'gone' if change == 'text' else 'open'}", media_type=kind)

    return app
