"""May a version go somewhere? From records alone; what was not observed is unknown, never yes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from olorin_pipelines.config import Baseline, Service
from olorin_pipelines.pipeline.can_deploy import Answer, Observed, can_deploy
from olorin_pipelines.pipeline.matrix import matrix_rows
from olorin_pipelines.pipeline.needs import Unmet
from olorin_pipelines.registry import ConsumerRecord, Deployment

SERVICE = Service.model_validate(
    {
        "environments": {"production": {"url": "http://127.0.0.1:9"}},
        "consumers": [{"name": "front", "path": "front"}],
        "policy": {"breaking": "consumers"},
    }
)


def deployment(**fields: object) -> Deployment:
    known = {
        "id": "d",
        "service": "s",
        "version": "2",
        "verdict": "accepted",
        "because": "all good",
        "outcome": "verified",
    }
    return Deployment(**{**known, **fields})


def proof(outcome: str = "pass", **fields: object) -> ConsumerRecord:
    known = {"consumer": "front", "version": "2", "summary": f"front {outcome}", "baseline_version": "1"}
    return ConsumerRecord(**{**known, "outcome": outcome, **fields})


GOOD = Observed(
    deployment=deployment(), digest="new", judged_against="old", serves="old", serves_version="1", proofs=(proof(),)
)


@pytest.mark.parametrize(
    ("change", "answer", "said"),
    [
        ({}, Answer.YES, "accepted: all good"),
        ({"deployment": None}, Answer.UNKNOWN, "nothing is recorded of version 2"),
        ({"deployment": None, "serves_version": "2"}, Answer.YES, "serves it already; it was put there without"),
        (
            {"deployment": deployment(verdict="rejected", because="schema_diff fail: gone")},
            Answer.NO,
            "it was rejected: schema_diff fail: gone",
        ),
        ({"deployment": deployment(verdict="held")}, Answer.UNKNOWN, "held"),
        ({"deployment": deployment(verdict=None)}, Answer.UNKNOWN, "no verdict yet"),
        ({"deployment": deployment(outcome="rolled_back")}, Answer.NO, "rolled back"),
        ({"digest": None}, Answer.UNKNOWN, "never captured"),
        ({"serves": None}, Answer.UNKNOWN, "what production serves was never seen"),
        ({"serves": "another"}, Answer.UNKNOWN, "but production serves another (version 1) by now"),
        ({"serves": "new", "serves_version": "2"}, Answer.YES, "serves it already"),
        ({"proofs": (proof("fail"),)}, Answer.NO, "front fail"),
        ({"proofs": (proof("no_data"),)}, Answer.UNKNOWN, "front no_data"),
        ({"proofs": ()}, Answer.UNKNOWN, "no proof of the consumer front is recorded"),
        ({"needs": (Unmet("refused", "v2 was rejected"),)}, Answer.NO, "v2 was rejected"),
        ({"needs": (Unmet("paused", "v2 has no verdict"),)}, Answer.UNKNOWN, "v2 has no verdict"),
        ({"proofs": (), "judged_against": None, "serves": "new"}, Answer.YES, "accepted"),
    ],
)
def test_the_answer_and_its_reason(change, answer, said):
    permission = can_deploy(replace(GOOD, **change), SERVICE, version="2", environment="production")
    assert permission.answer is answer
    assert any(said in reason for reason in permission.reasons), permission.reasons


@pytest.mark.parametrize(
    ("baseline", "environment", "claimed"),
    [({}, "production", False), ({"file": "api.json"}, "production", True), ({"file": "api.json"}, "canary", False)],
)
def test_a_document_that_is_only_claimed_is_not_called_seen(baseline, environment, claimed):
    service = SERVICE.model_copy(update={"baseline": Baseline(**baseline)})
    permission = can_deploy(GOOD, service, version="2", environment=environment)
    assert permission.answer is Answer.YES
    assert any("was not asked of it: `baseline: file` says so" in said for said in permission.reasons) is claimed


def test_the_matrix_keeps_the_latest_of_each_pair():
    newest_first = [proof("fail"), proof("pass"), proof("pass", version="1"), proof("no_data", consumer="other")]
    rows = [(row["version"], row["consumer"], row["answer"]) for row in matrix_rows(newest_first)]
    assert rows == [("2", "front", "breaks"), ("1", "front", "no break found"), ("2", "other", "cannot tell")]
