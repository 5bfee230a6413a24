"""The policy of docs/diff.md is read and does what the page says."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from test_policy import FINDING, SHARED

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import ConfigError
from olorin_pipelines.policy import apply, outside, read
from olorin_pipelines.policy.model import DiffPolicy

PAGE = (Path(__file__).parents[2] / "docs" / "diff.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
(EXAMPLE,) = (block for block in BLOCKS if "approvals:\n" in block)
(SERVICE,) = (block for block in BLOCKS if block.startswith("services:"))


@pytest.fixture
def example(tmp_path):
    (tmp_path / "policy.yaml").write_text(EXAMPLE)
    return read(tmp_path / "policy.yaml")


def test_the_example_is_complete(example):
    assert example.model_fields_set == set(DiffPolicy.model_fields)
    assert {name for one in example.approvals for name in one.model_fields_set} == {
        "fingerprint", "id", "location", "reason", "expires",
    }  # fmt: skip


def test_the_example_does_what_the_page_says(example):
    orders = replace(
        FINDING, id="response-optional-property-removed", fingerprint="1" * 16, reachable_from=("GET /api/v1/orders",)
    )
    other = replace(orders, reachable_from=("GET /api/v1/orders", "GET /users"))
    dropped = replace(FINDING, id="api-operation-id-removed", fingerprint="2" * 16)
    judged = apply([FINDING, orders, other, dropped], example, date(2027, 1, 31))
    assert [finding for finding, _ in judged.approved] == [FINDING, orders]
    assert (judged.findings, judged.ignored) == ((other,), (dropped,))
    assert apply([orders], example, date(2027, 2, 1)).findings == (orders,)
    internal = {"paths": {"/internal/orders": {"post": {}}, "/orders": {"post": {}}}}
    assert apply([SHARED], example, date(2027, 1, 31), outside=outside(example, internal)).findings == (
        replace(SHARED, operation="POST /orders", reachable_from=("POST /orders",), uses=FINDING.uses),
    )


def test_the_service_of_the_page_names_its_policy(tmp_path):
    (tmp_path / "olorin.yaml").write_text(SERVICE)
    service = load_config(tmp_path / "olorin.yaml", environ={}).service("pets")
    assert service.policy.approvals == Path("contracts/pets-diff-policy.yaml")


def test_the_fault_of_the_page_is_what_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("diff-policy.yaml").write_text("severities:\n  api-operation-id-remved: info\n")
    with pytest.raises(ConfigError) as caught:
        read(Path("diff-policy.yaml"))
    assert f"error: {caught.value.diagnostics()}\n" in PAGE
