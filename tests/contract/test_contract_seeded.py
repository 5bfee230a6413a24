"""One bug at a time in a real service: the right check names it, and without a bug nothing is named."""

from __future__ import annotations

import base64
import gzip
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from olorin_pipelines.contract import Suite, SuiteResult, Trial, coverage, run, settings
from olorin_pipelines.gate import Outcome
from tests.contract.seeded import plain
from tests.contract.seeded.bugs import BUGS
from tests.contract.seeded.running import served
from tests.contract.seeded.service import create_app
from tests.contract.seeded.service import token as seeded_token


@pytest.fixture
def found_in(tmp_path: Path, tables: Path) -> Any:
    def _run(bug: str | None) -> SuiteResult:
        app = create_app(bug)
        with served(app) as url:
            trial = Trial(
                document=json.dumps(app.openapi()).encode(),
                url=url,
                workdir=tmp_path,
                suite=Suite(seconds=100),
                headers={"Authorization": f"Bearer {seeded_token()}"},
                expired={"Authorization": f"Bearer {seeded_token(lifetime=timedelta(hours=-1))}"},
                cache=tables,
            )
            return run(trial)

    return _run


@pytest.mark.slow
@pytest.mark.parametrize("name", ["stable", "additive", "two_versions"])
def test_the_example_is_accused_of_nothing(release: Any, token: str, name: str, tmp_path: Path, tables: Path) -> None:
    url = release(name)
    document = httpx.get(f"{url}/openapi.json", trust_env=False).content
    headers = {"Authorization": f"Bearer {token}"}
    result = run(Trial(document=document, url=url, workdir=tmp_path, headers=headers, cache=tables))
    assert named(result) == set()
    assert coverage(result, threshold=1.0).outcome is Outcome.PASS


@pytest.mark.slow
@pytest.mark.exhaustive
@pytest.mark.parametrize("workers", [1, 4])
def test_a_release_that_does_not_bear_many_callers_passes(
    release: Any, token: str, workers: int, tmp_path: Path, tables: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All workers are one caller: what breaks under many users alone is left to the rollout."""
    written = settings.configuration
    monkeypatch.setattr(
        settings, "configuration", lambda *a, **o: written(*a, **o).replace("workers = 1", f"workers = {workers}")
    )
    url = release("slow")
    document = httpx.get(f"{url}/openapi.json", trust_env=False).content
    headers = {"Authorization": f"Bearer {token}"}
    result = run(Trial(document=document, url=url, workdir=tmp_path, headers=headers, cache=tables))
    assert f"workers = {workers}" in (tmp_path / "schemathesis.toml").read_text()
    assert named(result) == set()
    assert coverage(result, threshold=1.0).outcome is Outcome.PASS


def named(result: SuiteResult) -> set[str]:
    return {failure.check for failure in (*result.failures, *result.warnings)}


def test_no_token_is_kept_neither_the_good_one_nor_those_made_of_it(found_in: Any) -> None:
    """That its bug is named by the right check stands for all of them in the default suite."""
    result = found_in("signature_not_checked")
    assert named(result) == {BUGS["signature_not_checked"]}
    told = repr(result).encode() + gzip.decompress(result.report.read_bytes())
    bodies = b"".join(base64.b64decode(each) for each in re.findall(rb'"\$base64":"([^"]+)"', told))
    assert b"eyJhbGciOi" not in told, "every token begins with its header"
    assert b"eyJhbGciOi" not in bodies


def test_what_frameworks_do_leniently_is_not_held_against_a_service(tmp_path: Path, tables: Path) -> None:
    app = plain.create_app()
    with served(app) as url:
        document = json.dumps(app.openapi()).encode()
        result = run(Trial(document=document, url=url, workdir=tmp_path, cache=tables))
    assert result.failures == ()
    shown = {failure.message.rpartition(" ")[2] for failure in result.warnings}
    assert shown == {"uniqueItems", '"date-time"', "422"}, "sets, times without a zone, a rule between two values"
    assert coverage(result, threshold=1.0).outcome is Outcome.PASS


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_is_named_by_the_right_check(found_in: Any, bug: str) -> None:
    assert named(found_in(bug)) == {BUGS[bug]}
