"""The asset `generated_types` shows size, time and the types, and warns of a sensitive property of an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextvars import copy_context

import dagster as dg
import pytest

from assets.generated_types import generated_types
from assets.presentation import code_block
from olorin_pipelines import openapi
from olorin_pipelines.config import load_config
from olorin_pipelines.errors import ToolMissing
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.typegen import find_toolchain
from resources import DEPLOYMENT_TAG, SERVICES, Olorin

CONFIG = """\
services:
  pets:
    environments: {production: {url: "http://127.0.0.1:9"}, canary: {url: "http://127.0.0.1:9"}}
"""


def document(sent: str, answered: str):
    def body(name: str):
        schema = {"type": "object", "properties": {name: {"type": "string", "description": "```\n# no heading"}}}
        return {"content": {"application/json": {"schema": schema}}}

    answers = {"200": {"description": "", **body(answered)}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "pets", "version": "1"},
        "paths": {"/login": {"post": {"requestBody": body(sent), "responses": answers}}},
    }


@pytest.fixture
def place(tmp_path) -> Iterator[Workplace]:
    try:
        find_toolchain()
    except ToolMissing as error:
        pytest.skip(f"{error.message}: run `make install`")
    (tmp_path / "olorin.yaml").write_text(CONFIG)
    opened = Workplace(load_config(tmp_path / "olorin.yaml", environ={}))
    yield opened
    opened.registry.close()


def materialised(place: Workplace, content) -> tuple[dict[str, dg.MetadataValue], dict[str, dg.AssetCheckEvaluation]]:
    row, _ = place.registry.announce("pets", environment="canary", version="2", url="http://127.0.0.1:9")
    snapshot = openapi.parse(json.dumps(content).encode(), source="http://127.0.0.1:9/openapi.json")
    place.registry.record_snapshot(
        "pets", environment="canary", deployment_id=row.id, role="candidate", digest=snapshot.digest,
        artifact=place.artifacts.put(snapshot.raw), source=snapshot.source, version="2",
    )  # fmt: skip
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(SERVICES.name, ["pets"])
        result = dg.materialize(
            [generated_types],
            partition_key="pets",
            instance=instance,
            tags={DEPLOYMENT_TAG: row.id},
            resources={"olorin": Olorin(config_path=str(place.config.root / "olorin.yaml"))},
        )
    [event] = result.get_asset_materialization_events()
    checks = {check.check_name: check for check in result.get_asset_check_evaluations()}
    return dict(event.materialization.metadata), checks


def test_it_shows_the_types_their_size_and_their_time(place):
    metadata, checks = copy_context().run(materialised, place, document("password", "name"))
    assert {name: check.passed for name, check in checks.items()} == {"compile": True, "no_sensitive_property": True}
    assert metadata["cached"].value is False
    assert metadata["generation_seconds"].value > 0
    assert metadata["bytes"].value > 500
    preview = metadata["preview"].value
    assert preview.startswith("````ts\n/**")
    assert "export interface paths {" in preview
    assert "lines in all" in preview
    assert len(preview) < 1000, "the UI shows longer ones behind a link only"
    files = {record.data["file"]: record.data for record in metadata["table/files"].records}
    assert files["schema.d.ts"]["bytes"] == metadata["bytes"].value
    assert metadata["command"].value == "olorin types http://127.0.0.1:9/openapi.json --out src/api"
    assert copy_context().run(materialised, place, document("password", "name"))[0]["cached"].value is True


def test_a_sensitive_property_of_an_answer_is_a_warning_with_its_line(place):
    metadata, checks = copy_context().run(materialised, place, document("name", "password"))
    check = checks["no_sensitive_property"]
    assert (check.passed, check.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert "the response of POST /login holds the property 'password'" in (check.description or "")
    [row] = metadata["table/sensitive"].records
    assert row.data["property"] == "password"
    lines = place.folder("types")
    [types] = lines.glob("*/schema.d.ts")
    assert "password?: string" in types.read_text().split("\n")[int(row.data["line"]) - 1]
    assert metadata["outcome"].value == "pass"


def test_a_preview_begins_where_it_is_told_to_if_that_is_there():
    text = b"export interface paths {\n}\nexport interface components {\n    schemas: {\n"
    assert code_block(text, "ts", begin=b"export interface components").value.startswith(
        "```ts\nexport interface components {\n    schemas: {\n"
    )
    assert code_block(text, "ts", begin=b"absent").value.startswith("```ts\nexport interface paths {\n")


def test_a_preview_is_short_and_cannot_leave_its_block():
    shown = code_block(("`````\n# heading\n" + "x" * 500 + "\n" * 100).encode(), "ts").value
    assert shown.startswith("``````ts\n`````\n")
    assert len(shown.split("\n")) < 50
    assert "lines in all" in shown
    assert max(map(len, shown.split("\n"))) == 160
