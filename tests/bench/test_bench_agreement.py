"""The agreement is counted over exact sets, missing and extra entries apart."""

from __future__ import annotations

import json

from bench.agreement import measure

SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}


def api(schema):
    content = {"content": {"application/json": {"schema": schema}}}
    item = {"requestBody": content, "responses": {"200": {"description": "done"}}}
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "x"}, "paths": {"/a": {"post": item}}}


def entry(id_, **more):
    return {"id": id_, "operation": "POST", "path": "/a", "section": "paths", **more}


def test_agreement(tmp_path):
    (tmp_path / "data").mkdir()
    for name, schema in (("old.json", SCHEMA), ("new.json", {"type": "object", "properties": {}})):
        (tmp_path / "data" / name).write_text(json.dumps(api(schema)))
    config = {"rule_ids": [], "level_overrides": {}, "diff": {}, "stability_level": "beta"}
    case = {"name": "c", "base_file": "old.json", "revision_file": "new.json", "min_level": "WARN", "config": config}
    cases = [
        {**case, "expected": [entry("request-property-removed", level="WARN")]},
        {**case, "expected": [entry("request-property-removed", level="ERR")]},
    ]
    golden = {
        "base_file": "old.json",
        "revision_file": "new.json",
        "forward": [entry("request-property-removed", level=2)],
        "reverse": [],
    }
    (tmp_path / "cases.jsonl").write_text("\n".join(map(json.dumps, cases)))
    (tmp_path / "golden.jsonl").write_text(json.dumps(golden))
    report = measure(tmp_path, say=lambda text: None)
    assert [report[key] for key in ("agreed", "deviating", "missing", "extra")] == [2, 2, 1, 2]
    assert report["files"]["cases.jsonl"]["agreed"] == 1
    assert report["deviations"][1]["extra"] == [("new-optional-request-property", 1, "POST", "/a")]
