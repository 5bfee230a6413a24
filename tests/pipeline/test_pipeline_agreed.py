"""What was announced to end and is gone binds nobody any more; what is gone without that still does."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from olorin_pipelines import openapi
from olorin_pipelines.pipeline.agreed import agreed_to_break

ANSWER = {"200": {"description": "fine"}}


def document(**operations: Any) -> openapi.Snapshot:
    paths = {f"/{name}": {"get": {"responses": ANSWER, **more}} for name, more in operations.items()}
    whole = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": paths}
    return openapi.parse(orjson.dumps(whole), source="shop.json")


@pytest.mark.parametrize(
    ("old", "left_out"),
    [
        ({"deprecated": True}, ("GET /gone",)),
        ({"deprecated": True, "x-sunset": "2020-01-31"}, ("GET /gone",)),
        ({"deprecated": True, "x-sunset": "2999-01-31"}, ()),
        ({}, ()),
    ],
)
def test_a_removed_operation_binds_unless_its_end_was_announced_and_came(workplace, old, left_out):
    place = workplace("http://127.0.0.1:9")
    row, _ = place.registry.announce("investigations", environment="canary", version="2", url="http://127.0.0.1:9")
    before, after = document(stays={}, gone=old), document(stays={})
    assert agreed_to_break(place.case(row.id), before, after) == left_out
