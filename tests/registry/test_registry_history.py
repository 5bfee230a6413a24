"""New, known, flaky, fixed: what earlier runs say of a failure."""

from __future__ import annotations

import pytest

from olorin_pipelines.registry import Registry, Seen
from olorin_pipelines.registry.trend import failure_trend

GET, POST = "GET /x", "POST /x"


def failure(name: str = "a", scope: str = GET) -> Seen:
    return Seen(name, scope, "response_schema", scope, f"{name} is wrong")


@pytest.fixture
def run(tmp_path):
    ticks = iter(range(100))
    registry = Registry(f"sqlite:///{tmp_path}/olorin.db", clock=lambda: float(next(ticks)))

    def _run(*seen: Seen, version: str = "1", asked: tuple[str, ...] = (GET, POST), service: str = "pets"):
        return registry.remember(
            service,
            environment="production",
            gate="production_contract",
            version=version,
            digest=f"digest of {version}",
            seen=seen,
            asked=asked,
            numbers={"p95_ms": 2.0},
        )

    _run.registry = registry
    yield _run
    registry.close()


def states(said):
    return sorted(said.states.values()), [each.fingerprint for each in said.fixed], len(said.vanished)


def test_a_drift_is_new_then_known_then_fixed_and_then_forgotten(run):
    assert states(run()) == ([], [], 0)
    assert states(run(failure())) == (["new"], [], 0)
    assert states(run(failure())) == (["known"], [], 0)
    assert states(run()) == ([], ["a"], 0)
    assert states(run()) == ([], [], 0)


def test_what_comes_and_goes_on_one_version_is_flaky(run):
    run(failure())
    assert states(run()) == ([], ["a"], 0)
    assert states(run(failure())) == (["flaky"], [], 0)
    assert states(run(failure())) == (["flaky"], [], 0)
    assert states(run()) == ([], [], 1), "gone this time, which is no mend"


def test_on_another_version_a_failure_that_comes_back_is_new(run):
    run(failure())
    run(version="2")
    assert states(run(failure(), version="3")) == (["new"], [], 0)


def test_a_failure_stays_known_over_versions_and_is_fixed_by_one(run):
    run(failure())
    assert states(run(failure(), version="2")) == (["known"], [], 0)
    assert states(run(version="3")) == ([], ["a"], 0)


def test_of_what_was_not_asked_nothing_is_said(run):
    run(failure("a"), failure("b", POST))
    assert states(run(failure("a"), asked=(GET,))) == (["known"], [], 0)
    assert states(run(asked=())) == ([], [], 0)
    assert states(run(failure("b", POST))) == (["known"], ["a"], 0)


def test_services_do_not_know_each_others_failures(run):
    run(failure())
    assert states(run(failure(), service="toys")) == (["new"], [], 0)


def test_runs_are_kept_with_their_numbers(run):
    run(failure("a"), failure("a"), failure("b"))
    run(failure("a"))
    newest, oldest = run.registry.contract_runs("pets", environment="production", gate="production_contract")
    assert oldest.numbers == {"p95_ms": 2.0, "failures": 2, "new": 2, "known": 0, "flaky": 0, "fixed": 0}
    assert newest.numbers["fixed"] == 1
    assert [(each.check, each.state) for each in run.registry.contract_failures(newest.sequence)] == [
        ("response_schema", "known")
    ]


def test_runs_are_a_frame_oldest_first(run):
    run(failure("a"))
    run()
    frame = failure_trend(run.registry.contract_runs("pets", environment="production", gate="production_contract"))
    assert list(frame["new"]) == [1, 0]
    assert list(frame["fixed"]) == [0, 1]
    assert failure_trend([]).empty
