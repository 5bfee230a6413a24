"""Which operations a policy lets the contract tests ask."""

from __future__ import annotations

import pytest

from olorin_pipelines.config import Policy
from olorin_pipelines.errors import ConfigError
from olorin_pipelines.pipeline.choice import asked_for, left_out_note
from olorin_pipelines.pipeline.verify import verify_without_dagster

DOCUMENT = {
    "paths": {
        "/orders": {"get": {"tags": ["orders"]}, "post": {"operationId": "createOrder", "tags": ["orders", "risky"]}},
        "/admin/stop": {"post": {"operationId": "stop"}},
    }
}


@pytest.mark.parametrize(
    ("include", "exclude", "asked"),
    [
        ((), (), ()),
        (("*",), (), ()),
        ((), ("POST /admin/*",), ("GET /orders", "POST /orders")),
        ((), ("risky", "stop"), ("GET /orders",)),
        (("orders",), ("createOrder",), ("GET /orders",)),
        (("GET *",), (), ("GET /orders",)),
    ],
)
def test_globs_choose_by_key_id_and_tag(include, exclude, asked):
    assert asked_for(Policy(contract_include=include, contract_exclude=exclude), DOCUMENT) == asked


def test_nothing_left_is_an_error():
    with pytest.raises(ConfigError, match="leaves out every operation"):
        asked_for(Policy(contract_exclude=("*",)), DOCUMENT)


def test_what_is_left_out_is_said():
    assert left_out_note((), DOCUMENT) == ""
    assert left_out_note(("GET /orders",), DOCUMENT) == "; left out by the policy: POST /orders, POST /admin/stop"


@pytest.mark.slow
def test_the_gate_asks_only_what_the_policy_lets_it(workplace, release):
    extra = '    policy: {contract_include: ["GET /health/*"]}\n'
    place = workplace(release("stable"), extra=extra)
    case, _ = verify_without_dagster(
        place, "investigations", environment="canary", url=release("additive"), version="x", progress=lambda *_: None
    )
    result = place.registry.gates(case.deployment.id)["contract_tests"]
    assert {row["operation"] for row in result.tables["operations_own"]} == {
        f"GET /health/{name}" for name in ("live", "ready", "startup")
    }
    assert "left out by the policy: GET /api/v1/investigations/" in result.summary
