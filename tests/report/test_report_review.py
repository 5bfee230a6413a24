"""What breaks both documents in the same way is told once."""

from __future__ import annotations

import orjson

from olorin_pipelines import openapi
from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.report.review.judgement import Judgement
from olorin_pipelines.verdict import judge

ROWS = [
    ("own", "GET /orders", "a"),
    ("own", "GET /prices", "b"),
    ("baseline", "GET /orders", "a"),
    ("baseline", "GET /orders", "c"),
]


def test_a_failure_by_both_documents_is_one():
    document = {"openapi": "3.1.0", "info": {"title": "Shop", "version": "1"}, "paths": {}}
    tests = GateResult(
        gate="contract_tests",
        outcome=Outcome.FAIL,
        summary="",
        rows=tuple({"document": where, "operation": operation, "check": "x"} for where, operation, _ in ROWS),
        tables={"reproduce": tuple({"fingerprint": name, "curl": f"curl {name}"} for *_, name in ROWS)},
    )
    judgement = Judgement(
        service="shop",
        base=None,
        head=openapi.parse(orjson.dumps(document), source="shop.json"),
        results={tests.gate: tests},
        decision=judge([tests]),
    )
    told = [(row["document"], row["operation"], row["curl"]) for row in judgement.failures()]
    assert told == [
        ("own", "GET /orders", "curl a"),
        ("own", "GET /prices", "curl b"),
        ("baseline", "GET /orders", "curl c"),
    ]
