"""What is only read has a history, known failures and report files as what is tested in full."""

from __future__ import annotations

import json
from typing import Any

from olorin_pipelines.gate import GateResult, Outcome
from olorin_pipelines.pipeline.production import check_production
from olorin_pipelines.pipeline.verify import QUESTIONS
from tests.pipeline.test_pipeline_production import shop, url_of

__all__ = ["shop"]

SERVICE = "investigations"
KNOWN = 'known: [{check: response_schema, operation: "*", reason: under repair, expires: 2999-01-01}]'


def read(place: Any, url: str) -> GateResult:
    """The contract tests of a version in an environment that is only read."""
    row, _ = place.registry.announce(SERVICE, environment="shared", version="1.0.0", url=url, run_id=None)
    case = place.case(row.id)
    for gate in ("openapi_schema", "contract_tests"):
        question, checks = QUESTIONS[gate]
        result = case.ask(gate, question, checks=checks)
    place.registry.end(row.id, "verified")
    return result


def states(result: GateResult) -> set[tuple[object, object]]:
    return {(row["operation"], row["state"]) for row in result.rows}


def test_a_failure_of_a_version_that_is_only_read_is_new_then_known_then_fixed(workplace: Any, shop: Any) -> None:
    place, url = workplace("http://127.0.0.1:9"), url_of(shop)
    shop.answers["/prices"] = {"identifier": 2}
    first = read(place, url)
    assert first.outcome is Outcome.FAIL, first.summary
    assert states(first) == {("GET /prices", "new")}
    assert states(read(place, url)) == {("GET /prices", "known")}
    shop.answers["/prices"] = {"id": 2}
    mended = read(place, url)
    assert (mended.facts["fixed"], mended.rows) == (1, ())
    assert {command for command, *_ in shop.asked} == {"GET"}


def test_a_known_failure_of_a_version_that_is_only_read_does_not_decide(
    workplace: Any, shop: Any, tmp_path: Any
) -> None:
    (tmp_path / "known.yaml").write_text(KNOWN)
    place = workplace("http://127.0.0.1:9", extra="    policy: {known_failures: known.yaml}\n")
    shop.answers["/prices"] = {"identifier": 2}
    result = read(place, url_of(shop))
    own = next(check for check in result.checks if check.name == "honours_own_schema")
    assert own.outcome is Outcome.PASS, own.summary
    assert "under repair, until 2999-01-01" in str(result.tables["known_failures"])


def test_a_version_that_is_only_read_has_its_reports(workplace: Any, shop: Any) -> None:
    place = workplace("http://127.0.0.1:9")
    shop.answers["/prices"] = {"identifier": 2, "secret": "of production"}
    result = read(place, url_of(shop))
    page, junit, har = (
        place.artifacts.get(result.evidence[name]).decode()
        for name in ("contract_page", "contract_junit", "contract_har")
    )
    assert "<failure" in junit
    assert "GET /prices" in page
    assert json.loads(har)["log"]["entries"]
    assert "of production" not in page + junit + har, "nothing of an answer is kept"


def test_a_look_at_production_leaves_its_reports(workplace: Any, shop: Any) -> None:
    place = workplace(url_of(shop))
    good = check_production(place, SERVICE).reports
    assert "<failure" not in good["contract_junit"].read_text()
    shop.answers["/prices"] = {"identifier": 2}
    bad = check_production(place, SERVICE).reports
    assert bad == good, "the latest look, under the same names"
    assert bad["contract_junit"].read_text().count("<failure") == 1
    assert "GET /prices" in bad["contract_page"].read_text()
    assert {path.parent.name for path in bad.values()} == {f"production-{SERVICE}"}


def test_the_same_document_is_asked_once_and_its_failure_told_once(workplace: Any, shop: Any) -> None:
    url = url_of(shop)
    shop.answers["/prices"] = {"identifier": 2}
    place = workplace(url)
    row, _ = place.registry.announce(SERVICE, environment="shared", version="1.0.0", url=url, run_id=None)
    case = place.case(row.id)
    for gate in ("baseline_schema", "openapi_schema", "contract_tests"):
        question, checks = QUESTIONS[gate]
        result = case.ask(gate, question, checks=checks)
    assert [(row["document"], row["operation"]) for row in result.rows] == [("own", "GET /prices")]
    assert sum(path == "/prices" for _, path, _ in shop.asked) == 1
    honours = {check.name: check for check in result.checks}
    assert honours["honours_baseline"].outcome is Outcome.FAIL
    assert "the same document" in honours["honours_baseline"].summary
