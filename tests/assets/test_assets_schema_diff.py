"""The asset `schema_diff` shows the report and the approvals, plots numbers and names the page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path

import dagster as dg
import pytest

from assets.schema_diff import schema_diff
from olorin_pipelines import openapi
from olorin_pipelines.config import load_config
from olorin_pipelines.pipeline.case import Workplace
from resources import DEPLOYMENT_TAG, SERVICES, Olorin

CONFIG = """\
services:
  pets:
    environments: {production: {url: "http://127.0.0.1:9"}, canary: {url: "http://127.0.0.1:9"}}
    policy: {approvals: pets.yaml}
"""
POLICY = """\
approvals:
  - {id: RULE, location: "GET /b", reason: nobody calls it, expires: 2999-01-01}
  - {fingerprint: ffffffffffffffff, reason: long gone, expires: 2999-01-01}
  - {fingerprint: eeeeeeeeeeeeeeee, reason: was meant, expires: 2020-01-01}
"""
NUMBERS = ("breaking", "warnings", "infos", "approved", "approvals_expired", "approvals_stale", "ignored")


def document(*paths):
    item = {"get": {"responses": {"200": {"description": "fine"}}}}
    return {"openapi": "3.1.0", "info": {"title": "pets", "version": "1"}, "paths": dict.fromkeys(paths, item)}


@pytest.fixture
def place(tmp_path) -> Iterator[Workplace]:
    (tmp_path / "olorin.yaml").write_text(CONFIG)
    opened = Workplace(load_config(tmp_path / "olorin.yaml", environ={}))
    yield opened
    opened.registry.close()


def materialised(place: Workplace, policy: str) -> dict[str, dg.MetadataValue]:
    (place.config.root / "pets.yaml").write_text(policy)
    row, _ = place.registry.announce("pets", environment="canary", version="2", url="http://127.0.0.1:9")
    for role, content in (("baseline", document("/a", "/b", "/c")), ("candidate", document("/a", "/d"))):
        snapshot = openapi.parse(json.dumps(content).encode(), source=role)
        place.registry.record_snapshot(
            "pets", environment="canary", deployment_id=row.id, role=role, digest=snapshot.digest,
            artifact=place.artifacts.put(snapshot.raw), source=role, version=role,
        )  # fmt: skip
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(SERVICES.name, ["pets"])
        result = dg.materialize(
            [schema_diff],
            partition_key="pets",
            instance=instance,
            tags={DEPLOYMENT_TAG: row.id},
            resources={"olorin": Olorin(config_path=str(place.config.root / "olorin.yaml"))},
        )
        (event,) = result.get_asset_materialization_events()
        return dict(event.materialization.metadata)


def test_the_report_the_numbers_and_the_page_are_shown(place):
    shown = copy_context().run(materialised, place, "")
    assert shown["report"].value.startswith("### pets&#58; 1 → 1\n\n**2 breaking changes")
    assert {name: shown[name].value for name in NUMBERS} == {**dict.fromkeys(NUMBERS, 0), "breaking": 2, "infos": 1}
    assert all(isinstance(shown[name], dg.IntMetadataValue) for name in NUMBERS), "numbers are plotted"
    page = Path(str(shown["page"].value))
    assert page.suffix == ".html"
    assert page.read_text().startswith("<!doctype html>")
    assert "table/approvals" not in shown


def test_approvals_are_shown_with_their_state(place):
    rule = copy_context().run(materialised, place, "")["table"].records[0].data["rule"]
    shown = copy_context().run(materialised, place, POLICY.replace("RULE", rule))
    assert [shown[name].value for name in NUMBERS] == [1, 0, 1, 1, 1, 1, 0]
    states = [record.data["state"] for record in shown["table/approvals"].records]
    assert states == ["covers", "expired", "stale"]
    assert all(said in shown["report"].value for said in ("nobody calls it", "no longer holds", "covers nothing"))
    assert "nobody calls it" in Path(str(shown["page"].value)).read_text()
