"""`olorin consumers` and `olorin can-i-deploy`: places, answers and exit codes."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from olorin_pipelines.config import load_config
from olorin_pipelines.errors import ToolMissing
from olorin_pipelines.pipeline.case import Workplace
from olorin_pipelines.typegen import find_toolchain

CODE = """\
import type { components, paths } from "./api";
type Pet = components["schemas"]["Pet"];
export const said = (pet: Pet): string => pet.name.toUpperCase();
export type Found = paths["/pets"]["get"];
"""


@pytest.fixture(autouse=True)
def tools(monkeypatch, tmp_path_factory):
    try:
        find_toolchain()
    except ToolMissing as error:
        pytest.skip(f"{error.message}: run `make install`")
    monkeypatch.setenv("HOME", str(tmp_path_factory.getbasetemp()))


def document(path: Path, **properties: object) -> str:
    pet = {"type": "object", "required": list(properties), "properties": properties}
    answer = {"description": "pets", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}}
    other = {"operationId": "old", "responses": {"204": {"description": "gone"}}}
    paths: dict[str, object] = {"/pets": {"get": {"operationId": "pets", "responses": {"200": answer}}}}
    if path.name != "less.json":
        paths["/old"] = {"post": other}
    whole = {"openapi": "3.1.0", "info": {"title": "Pets", "version": path.stem}, "paths": paths}
    path.write_text(json.dumps({**whole, "components": {"schemas": {"Pet": pet}}}))
    return str(path)


@pytest.fixture
def front(tmp_path) -> Path:
    folder = tmp_path / "front"
    (folder / "src").mkdir(parents=True)
    options = {"strict": True, "module": "esnext", "moduleResolution": "bundler", "lib": ["es2022"]}
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": options, "include": ["src"]}))
    (folder / "src" / "index.ts").write_text(CODE)
    (folder / "src" / "api.d.ts").write_text("export interface paths {}\nexport interface components {}\n")
    return folder


STRING = {"type": "string"}


def test_a_break_is_told_with_its_place_and_its_finding(olorin, front, tmp_path):
    old, new = document(tmp_path / "old.json", name=STRING), document(tmp_path / "new.json")
    said = olorin("consumers", "check", "--old", old, "--new", new, "--consumer", str(front))
    assert said.code == 1
    assert "front: breaks" in said.out
    assert "src/index.ts:3:52  the required response property `Pet.name` was removed" in said.out
    assert "GET /pets  src/index.ts:4" in said.out


def test_json_tells_answers_operations_and_coverage(olorin, front, tmp_path):
    old, new = document(tmp_path / "old.json", name=STRING), document(tmp_path / "less.json", name=STRING)
    said = olorin("consumers", "check", "--old", old, "--new", new, "--consumer", str(front), "--json")
    assert (said.code, said.data["outcome"]) == (0, "pass")
    assert [(row["answer"], row["because"]) for row in said.data["findings"]] == [
        ("no break found", "does not use POST /old")
    ]
    assert said.data["operations"] == {"GET /pets": "src/index.ts:4"}
    assert said.data["usage"]["untyped_calls"] == 0


def test_only_what_it_is_registered_for_is_asked(olorin, front, tmp_path):
    old, new = document(tmp_path / "old.json", name=STRING), document(tmp_path / "less.json", name=STRING)
    asked = ("consumers", "check", "--old", old, "--new", new, "--consumer", str(front), "--json", "--paths")
    assert [row["rule"] for row in olorin(*asked, "/old").data["findings"]] == ["api-removed-without-deprecation"]
    assert olorin(*asked, "/pets").data["findings"] == []
    said = olorin(*asked, "/v2/**")
    assert (said.code, said.data["outcome"]) == (3, "not_applicable")


def test_what_types_cannot_show_is_told_as_that(olorin, front, tmp_path):
    old = document(tmp_path / "old.json", name={"type": "string", "maxLength": 5})
    new = document(tmp_path / "new.json", name=STRING)
    said = olorin("consumers", "check", "--old", old, "--new", new, "--consumer", str(front))
    assert said.code == 3
    assert "cannot tell  src/index.ts:" in said.out
    assert "types cannot show this kind of change" in said.out


def test_a_consumer_that_never_compiled_is_never_green(olorin, front, tmp_path):
    (front / "src" / "broken.ts").write_text('import { gone } from "not-installed";\nexport const x: string = gone;\n')
    old, new = document(tmp_path / "old.json", name=STRING), document(tmp_path / "less.json", name=STRING)
    said = olorin("consumers", "check", "--old", old, "--new", new, "--consumer", str(front))
    assert said.code == 3
    assert "are its dependencies installed?" in said.out


def test_a_consumer_without_a_types_file_is_a_matter_of_usage(olorin, front, tmp_path):
    (front / "src" / "api.d.ts").unlink()
    old = document(tmp_path / "old.json")
    said = olorin("consumers", "check", "--old", old, "--new", old, "--consumer", str(front))
    assert said.code == 2
    assert "exports `paths`" in said.err


def test_a_registered_consumer_in_git_is_listed_with_what_it_uses(olorin, front, home, tmp_path):
    for command in (
        ["init", "-q"],
        ["add", "-A"],
        ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first"],
    ):
        subprocess.run(["git", *command], cwd=front, check=True)
    text = (home / "olorin.yaml").read_text()
    entry = f"    consumers:\n      - {{name: front, git: 'file://{front}', types: src/api.d.ts}}\n"
    (home / "olorin.yaml").write_text(text + entry)
    assert "production was not seen yet" in olorin("consumers", "list", "pets").out
    place = Workplace(load_config())
    data = Path(document(tmp_path / "seen.json", name=STRING)).read_bytes()
    place.registry.record_snapshot(
        "pets", environment="production", deployment_id=None, role="production", digest="d",
        artifact=place.artifacts.put(data), source="http://127.0.0.1:9", version="1",
    )  # fmt: skip
    said = olorin("consumers", "list", "pets", "--json")
    assert (said.code, said.data[0]["note"]) == (0, "")
    assert said.data[0]["operations"] == {"GET /pets": "src/index.ts:4"}


@pytest.mark.parametrize("git", ["ext::sh -c true", "http://example.org/x", "--upload-pack=x"])
def test_a_repository_of_another_scheme_is_refused(olorin, home, git):
    text = (home / "olorin.yaml").read_text()
    (home / "olorin.yaml").write_text(text + f"    consumers:\n      - {{name: front, git: {json.dumps(git)}}}\n")
    said = olorin("consumers", "list", "pets")
    assert said.code in (2, 3)
    assert "a repository is an https" in said.err


def test_nothing_recorded_is_no_permission(olorin, home):
    said = olorin("can-i-deploy", "pets", "1", "--to", "production", "--matrix")
    assert said.code == 3
    assert "nothing is recorded of version 1" in said.out
    assert olorin("can-i-deploy", "pets", "1", "--to", "prodction").code == 2
    assert "no consumer of pets was proved yet" in olorin("consumers", "matrix", "pets").out


def test_a_recorded_verdict_and_proof_give_permission(olorin, home):
    registry = Workplace(load_config()).registry
    row, _ = registry.announce("pets", environment="canary", version="2", url="http://127.0.0.1:9")
    for role, digest in (("baseline", "old"), ("candidate", "new")):
        registry.record_snapshot(
            "pets", environment="canary", deployment_id=row.id, role=role, digest=digest, artifact="a",
            source="http://127.0.0.1:9", version="2",
        )  # fmt: skip
    registry.decide(row.id, verdict="accepted", decided_by="", because="all gates passed")
    registry.record_proof(
        row.id, consumer="front", digest="new", baseline_digest="old", baseline_version="1", outcome="pass",
        summary="compiles", operations={}, impacts=[],
    )  # fmt: skip
    said = olorin("can-i-deploy", "pets", "2", "--to", "production", "--json", "--matrix")
    assert (said.code, said.data["answer"]) == (0, "yes")
    assert said.data["matrix"][0]["answer"] == "no break found"
