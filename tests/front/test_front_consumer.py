"""The front end is a consumer that is registered, pinned, and broken by 3.0.0 exactly where its page says."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from examples.olorin.server.app import create_app
from examples.olorin.server.releases import RELEASES
from examples.olorin.server.settings import Settings
from olorin_pipelines import openapi
from olorin_pipelines.config import load_config
from olorin_pipelines.diff import diff
from olorin_pipelines.errors import ToolMissing
from olorin_pipelines.gate import Outcome
from olorin_pipelines.pipeline.checking import check_consumer
from olorin_pipelines.typegen import ConsumerProof, find_toolchain, generate, prove

ROOT = Path(__file__).parents[2]
FRONT = ROOT / "examples" / "olorin" / "front"
PACKAGE = json.loads((FRONT / "package.json").read_text())
LOCK = json.loads((FRONT / "package-lock.json").read_text())
REGISTERED, VERSION_2 = (
    consumer
    for consumer in load_config(ROOT / "olorin.yaml", environ={}).service("investigations").consumers
    if consumer.name.startswith("olorin-front")
)


@pytest.fixture(scope="module")
def proof(tmp_path_factory):
    """Prove the front end, whose project is registered, on the documents of two releases."""
    try:
        find_toolchain()
    except ToolMissing as error:
        pytest.skip(f"{error.message}: run `make install`")
    if not (FRONT / "src" / "api" / "generated" / "v2" / "schema.d.ts").is_file():
        pytest.skip("the front end is not installed: run `make install`")
    store = tmp_path_factory.mktemp("types")

    def types(release: str):
        document = json.dumps(create_app(RELEASES[release], Settings()).openapi()).encode()
        return generate(document, digest=hashlib.sha256(document).hexdigest(), store=store)

    def ask(old: str, new: str) -> ConsumerProof:
        path = ROOT / REGISTERED.path
        return prove(path, name=REGISTERED.name, types=REGISTERED.types, old=types(old), new=types(new))

    return ask


@pytest.mark.slow
def test_additive_releases_do_not_break_it(proof):
    assert proof("stable", "additive").outcome is Outcome.PASS
    assert proof("additive", "two_versions").outcome is Outcome.PASS


@pytest.mark.slow
def test_the_breaking_release_breaks_it_at_the_lines_its_page_names(proof):
    found = proof("additive", "breaking")
    assert found.outcome is Outcome.FAIL
    page = (ROOT / "docs" / "front-end.md").read_text(encoding="utf-8")
    assert [f"{broken.file}:{broken.line}" for broken in found.breaks] == re.findall(r"`(src/api/v1\.ts:\d+)`", page)
    lines = (FRONT / "src" / "api" / "v1.ts").read_text().splitlines()
    assert "return" in lines[found.breaks[0].line - 1]
    assert "risk_score" in lines[found.breaks[1].line - 1]


def without_risk(document: dict) -> None:
    schema = document["components"]["schemas"]["AssessedInvestigation"]
    del schema["properties"]["risk"]
    schema["required"].remove("risk")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("consumer", "release", "answer", "file"),
    [
        (VERSION_2, "two_versions", Outcome.FAIL, "src/api/v2.ts"),
        (REGISTERED, "two_versions", Outcome.PASS, ""),
        (VERSION_2, "additive", Outcome.NOT_APPLICABLE, ""),
    ],
)
def test_each_version_is_proved_by_its_own_types(consumer, release, answer, file, proof, tmp_path):
    document = create_app(RELEASES[release], Settings()).openapi()
    changed = json.loads(json.dumps(document))
    if release == "two_versions":
        without_risk(changed)
    old, new = (openapi.parse(json.dumps(one).encode(), source=release) for one in (document, changed))
    found = check_consumer(
        ROOT / consumer.path,
        name=consumer.name,
        types=consumer.types,
        tsconfig=consumer.tsconfig,
        old=old,
        new=new,
        findings=diff(old, new),
        bundles=tuple(generate(one.canonical, digest=one.digest, store=tmp_path) for one in (old, new)),
        paths=consumer.paths,
    )
    assert found.outcome(tests=False) is answer
    assert {impact.place.partition(":")[0] for impact in found.impacts if impact.decides} == ({file} if file else set())


def test_every_package_is_pinned_exactly_and_locked():
    wanted = PACKAGE["dependencies"] | PACKAGE["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    assert {name: LOCK["packages"][f"node_modules/{name}"]["version"] for name in wanted} == wanted


def test_the_locked_packages_come_with_a_digest():
    packages = {name: entry for name, entry in LOCK["packages"].items() if name}
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_types_are_generated_before_every_build_and_start():
    assert "generate-api-types" in PACKAGE["scripts"]["prebuild"]
    assert "generate-api-types" in PACKAGE["scripts"]["predev"]


def test_its_settings_are_told_with_the_values_that_hold_without_them():
    text = (FRONT / ".env.example").read_text()
    page = (ROOT / "docs" / "front-end.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `([A-Z_0-9]+)` \|.*\| `([^`]+)` \|$", page, re.MULTILINE))
    assert dict(re.findall(r"^([A-Z][A-Z0-9_]*)=(.*)$", text, re.MULTILINE)) == told
    read = re.findall(r'setting\("([A-Z_0-9]+)", "([^"]+)"', (FRONT / "src/config/environment.ts").read_text())
    assert dict(read) == told
