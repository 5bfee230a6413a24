"""The gate `schema_diff` judges by what the policy file of the service leaves."""

from __future__ import annotations

import json
from datetime import date

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.config import load_config
from olorin_pipelines.gate import Outcome, ask
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.compare import DIFF_CHECKS, compare_documents
from olorin_pipelines.pipeline.production import _unchanged
from olorin_pipelines.pipeline.sighting import Sighting

TODAY = date(2026, 6, 1)
CONFIG = """\
services:
  pets:
    environments: {production: {url: "http://127.0.0.1:9"}, canary: {url: "http://127.0.0.1:9"}}
    policy: {approvals: contracts/pets.yaml}
"""
ALL = "approvals: [{id: api-removed-without-deprecation, location: 'GET /b', reason: unused, expires: 2026-06-01}]"


def document(*paths, **fields):
    item = {"get": {"responses": {"200": {"description": "fine"}}, **fields}}
    return {"openapi": "3.1.0", "info": {"title": "pets", "version": "1"}, "paths": dict.fromkeys(paths, item)}


BEFORE, AFTER = document("/a", "/b"), document("/a")


@pytest.fixture
def gate(tmp_path):
    """Judge two documents under the text of a policy file."""
    (tmp_path / "olorin.yaml").write_text(CONFIG)
    (tmp_path / "contracts").mkdir()
    place = Workplace(load_config(tmp_path / "olorin.yaml", environ={}))

    def judge(text, old=BEFORE, new=AFTER, today=TODAY):
        if text is not None:
            (tmp_path / "contracts" / "pets.yaml").write_text(text)
        row, _ = place.registry.announce("pets", environment="canary", version="2", url="http://127.0.0.1:9")
        for role, content in (("baseline", old), ("candidate", new)):
            snapshot = openapi.parse(json.dumps(content).encode(), source=role)
            place.registry.record_snapshot(
                "pets", environment="canary", deployment_id=row.id, role=role, digest=snapshot.digest,
                artifact=place.artifacts.put(snapshot.raw), source=role, version=role,
            )  # fmt: skip
        case = place.case(row.id)
        result = ask("schema_diff", lambda: compare_documents(case, today=today), checks=DIFF_CHECKS)
        evidence = {name: place.artifacts.get(digest).decode() for name, digest in result.evidence.items()}
        return result, evidence

    yield judge
    place.registry.close()


def test_an_approved_breaking_change_passes_and_is_shown(gate):
    rule = gate("")[0].rows[0]["rule"]
    text = ALL.replace("api-removed-without-deprecation", rule)
    result, evidence = gate(text)
    assert result.outcome is Outcome.PASS, result.summary
    assert (result.facts["breaking"], result.facts["approved"]) == (0, 1)
    (row,) = result.tables["approvals"]
    assert (row["state"], row["reason"], row["expires"]) == ("covers", "unused", "2026-06-01")
    assert all("unused" in evidence[name] for name in ("markdown",))


def test_an_approval_that_ended_no_longer_passes_and_is_shown(gate):
    rule = gate("")[0].rows[0]["rule"]
    result, evidence = gate(ALL.replace("api-removed-without-deprecation", rule), today=date(2026, 6, 2))
    assert result.outcome is Outcome.FAIL
    assert (result.facts["approvals_expired"], result.facts["approvals_stale"]) == (1, 0)
    assert [row["state"] for row in result.tables["approvals"]] == ["expired"]
    assert "no longer holds" in evidence["markdown"]


def test_an_approval_of_nothing_is_shown(gate):
    result, evidence = gate(ALL, new=document("/a", "/b"))
    assert result.outcome is Outcome.PASS
    assert result.facts["approvals_stale"] == 1
    assert "covers nothing" in evidence["markdown"]


def test_operations_outside_the_policy_do_not_decide(gate):
    internal = document("/a", "/b", tags=["internal"])
    result, _ = gate("tags: {exclude: [internal]}", old=internal, new=document("/a", tags=["internal"]))
    assert (result.outcome, result.facts["ignored"]) == (Outcome.PASS, 1)


@pytest.mark.parametrize(("text", "said"), [(None, "cannot be read"), ("aprovals: []", "pets.yaml:1: aprovals")])
def test_a_policy_that_cannot_be_read_is_an_error_never_a_pass(gate, text, said):
    result, _ = gate(text)
    assert result.outcome is Outcome.ERROR
    assert said in result.summary


def test_the_hourly_check_knows_the_approvals_too(tmp_path):
    """Without a router the address stays: an approved change is then no drift of production."""
    (tmp_path / "olorin.yaml").write_text(CONFIG)
    (tmp_path / "contracts").mkdir()
    config = load_config(tmp_path / "olorin.yaml", environ={})
    old, new = (openapi.parse(json.dumps(one).encode(), source="s") for one in (BEFORE, AFTER))
    (tmp_path / "contracts" / "pets.yaml").write_text("paths: {exclude: [/b]}")
    place = Workplace(config)
    found = _unchanged(place, config.service("pets"), old, new, Sighting())
    assert found.outcome is Outcome.PASS, found.summary
    (tmp_path / "contracts" / "pets.yaml").write_text("")
    assert _unchanged(place, config.service("pets"), old, new, Sighting()).outcome is Outcome.FAIL
