"""Several documents of one service are several entries: each is compared with its own, and has its own verdict."""

from __future__ import annotations

from olorin_pipelines.config import load_config
from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.capture import BASELINE_CHECKS, CANDIDATE_CHECKS, capture_baseline, capture_candidate
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.pipeline.compare import DIFF_CHECKS, compare_documents
from tests.pipeline.test_pipeline_baseline import document, host

__all__ = ["host"]

CONFIG = """\
services:
  orders:
    schema: /v1.json
    environments: &where {{ production: {{ url: "{old}" }}, canary: {{ url: "{new}" }} }}
  orders-v2: {{ schema: /v2.json, environments: *where }}
"""


def test_two_documents_of_one_process_are_judged_each_by_itself(host, tmp_path):
    first, second = document("1.0.0", "/v1/orders"), document("2.0.0", "/v2/orders", "/v2/prices")
    old, new = host(v1=first, v2=second), host(v1=first, v2=document("2.1.0", "/v2/orders"))
    (tmp_path / "olorin.yaml").write_text(CONFIG.format(old=old, new=new))
    place = Workplace(load_config(tmp_path / "olorin.yaml", environ={}))
    found = {}
    for name in place.config.services:
        row, _ = place.registry.announce(name, environment="canary", version="2.1.0", url=new)
        case = place.case(row.id)
        case.ask("baseline_schema", capture_baseline, checks=BASELINE_CHECKS)
        case.ask("openapi_schema", capture_candidate, checks=CANDIDATE_CHECKS)
        found[name] = case.ask("schema_diff", compare_documents, checks=DIFF_CHECKS)
    place.registry.close()
    assert {name: one.outcome for name, one in found.items()} == {"orders": Outcome.PASS, "orders-v2": Outcome.FAIL}
    assert "GET /v2/prices" in found["orders-v2"].summary
