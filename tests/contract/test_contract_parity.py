"""The clean seeded service is accused of nothing; what the full suite names, a replay of its corpus names too."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.contract import (
    Conducted,
    Corpora,
    Suite,
    SuiteResult,
    Trial,
    check_rows,
    conduct,
    coverage,
    replay,
)
from olorin_pipelines.gate import Outcome
from tests.contract.seeded.bugs import BUGS
from tests.contract.seeded.running import served
from tests.contract.seeded.service import create_app
from tests.contract.seeded.service import token as seeded_token

QUICK = ("field_missing", "use_after_delete", "expired_token_accepted")
UNSEEN = {
    "auth_not_enforced_on_delete": "what is asked without a token was deleted by the request before, so that 404 "
    "comes: Schemathesis, which made both requests, calls that no refusal; an exchange alone does not show it",
}
"""Bugs that a replay cannot see, and why."""


def asked() -> dict[str, Any]:
    return {
        "headers": {"Authorization": f"Bearer {seeded_token()}"},
        "expired": {"Authorization": f"Bearer {seeded_token(lifetime=timedelta(hours=-1))}"},
        "suite": Suite(seconds=100),
    }


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory, tables: Path) -> Conducted:
    """The full suite over the service without a bug."""
    folder = tmp_path_factory.mktemp("corpus")
    app = create_app(None)
    document = json.dumps(app.openapi()).encode()
    with served(app) as url:
        trial = Trial(document=document, url=url, workdir=folder / "run", cache=tables, **asked())
        return conduct(trial, Corpora(folder))


@pytest.fixture
def replayed(clean: Conducted, tmp_path: Path) -> Callable[[str | None], SuiteResult]:
    def _replay(bug: str | None) -> SuiteResult:
        assert clean.corpus is not None
        app = create_app(bug)
        with served(app) as url:
            document = json.dumps(app.openapi()).encode()
            return replay(Trial(document=document, url=url, workdir=tmp_path, **asked()), clean.corpus)

    return _replay


def named(result: SuiteResult) -> set[str]:
    return {failure.check for failure in (*result.failures, *result.warnings)}


def test_a_service_without_a_bug_is_accused_of_nothing(clean: Conducted) -> None:
    result = clean.result
    assert named(result) == set()
    assert result.complete
    assert not result.not_covered
    assert coverage(result, threshold=1.0).outcome is Outcome.PASS
    assert all(row["cases"] for row in check_rows(result)), "every check had something to look at"
    missed = {row.kind: row.missed for row in result.covered if row.missed}
    assert set(missed) <= {"statuses", "response media types"}, missed


def test_a_replay_over_it_accuses_of_nothing_either(replayed: Any) -> None:
    result = replayed(None)
    assert named(result) == set()
    assert result.complete
    assert result.errors == ()
    assert result.not_covered == {}
    assert result.coverage == 1.0
    assert all(operation.succeeded for operation in result.operations), "ids of this run were put in"


@pytest.mark.parametrize("bug", [pytest.param(bug, marks=[] if bug in QUICK else [pytest.mark.slow]) for bug in BUGS])
def test_a_replay_names_the_bug_by_the_same_check(replayed: Any, bug: str) -> None:
    assert named(replayed(bug)) == (set() if bug in UNSEEN else {BUGS[bug]})


def test_what_a_replay_cannot_see_is_little() -> None:
    assert set(UNSEEN) <= set(BUGS)
    assert len(UNSEEN) <= 3
