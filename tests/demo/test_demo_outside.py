"""What happened is recomputed from logs alone."""

from __future__ import annotations

import json

import pytest

from olorin_pipelines.demo.dagster_api import Materialization, Run
from olorin_pipelines.demo.outside import observe, read_routed, read_sent, traffic_between


@pytest.fixture
def logs(tmp_path):
    load, access = tmp_path / "load.ndjson", tmp_path / "access.log"
    sent = [
        {"at": 10.0, "status": 200, "version": "1"},
        {"at": 11.0, "status": 0, "error": "ConnectError"},
        {"at": 12.0, "status": 503, "version": ""},
        {"at": 13.0, "status": 201, "version": "2"},
        {"at": 99.0, "status": 500, "version": "2"},
    ]
    routed = [
        {"start_time": "1970-01-01T00:00:13.000Z", "upstream_host": "127.0.0.1:8002", "response_code": 201},
        {"start_time": "1970-01-01T00:00:13.500Z", "upstream_host": "127.0.0.1:8002", "response_code": 200},
        {"start_time": "1970-01-01T00:00:14.000Z", "upstream_host": None, "response_code": 503},
    ]
    load.write_text("".join(json.dumps(entry) + "\n" for entry in sent) + '{"at": 100.0, "sta')
    access.write_text("".join(json.dumps(entry) + "\n" for entry in routed))
    return load, access


def test_traffic_counts_the_window_and_believes_the_worse_witness(logs):
    sent, routed = read_sent(logs[0]), read_routed(logs[1])
    assert len(sent) == 5, "the line being written is left out"
    traffic = traffic_between(sent, routed, begin=10.0, end=20.0, url="http://127.0.0.1:8002", version="2")
    assert (traffic.requests, traffic.failures, traffic.on_version) == (4, 2, 2)
    assert traffic.first_failure == 11.0


def test_missing_logs_are_empty(tmp_path):
    assert read_sent(tmp_path / "none") == []
    assert read_routed(tmp_path / "none") == []


def run(*materializations: Materialization) -> Run:
    return Run("r", "verify_deployment", "FAILURE", 100.0, 103.0, 110.0, {}, materializations)


def test_a_rejected_run_is_told_by_its_materialisations():
    verdict = Materialization("deployment_verdict", 105.5, {"verdict": "rejected", "decided_by": "schema_diff"})
    rollout = Materialization("rollout", 106.0, {"outcome": "refused"})
    rollback = Materialization("rollback", 107.25, {"outcome": "rolled_back"})
    seen = observe(run(verdict, rollout, rollback), event_at=100.0)
    assert (seen["verdict"], seen["outcome"], seen["decided_by"]) == ("rejected", "rolled_back", "schema_diff")
    assert (seen["event_to_run_s"], seen["event_to_verdict_s"], seen["event_to_rolled_back_s"]) == (3.0, 5.5, 7.25)


def test_a_run_that_materialised_nothing_has_no_fate():
    seen = observe(run(), event_at=100.0)
    assert (seen["verdict"], seen["outcome"], seen["event_to_verdict_s"]) == (None, None, None)
