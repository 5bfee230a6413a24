"""The stories of the example are played as they stand, and the records answer for them afterwards."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from olorin_pipelines.demo.story import read_story

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "olorin"


@pytest.fixture
def olorin(tmp_path):
    ports = {f"OLORIN__PORTS__{name}": "0" for name in ("UI", "ENVOY", "ADMIN", "FIRST_SERVICE")}
    env = {**os.environ, "OLORIN__HOME": str(tmp_path / "home"), **ports}

    def ask(*arguments: str) -> tuple[int, dict[str, Any]]:
        command = [sys.executable, "-m", "olorin_pipelines", *arguments, "--json"]
        ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=500, check=False)
        assert ended.stdout, ended.stderr
        return ended.returncode, json.loads(ended.stdout)

    return ask


def test_every_story_says_what_it_expects_of_each_release():
    for file in EXAMPLES.glob("story*.yaml"):
        story = read_story(file)
        assert all(release.expect.verdict for release in story.releases), file


def test_a_story_may_play_under_another_policy():
    variable = "OLORIN__SERVICES__INVESTIGATIONS__POLICY__BREAKING"
    assert read_story(EXAMPLES / "story-consumers.yaml").settings == {variable: "consumers"}
    assert read_story(EXAMPLES / "story.yaml").settings == {}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_no_consumer_misses_is_rejected_under_reject(olorin):
    _, report = olorin("demo", "--exit", "--story", "examples/olorin/story-unused.yaml")
    [unused] = report["releases"]
    assert (unused["verdict"], unused["outcome"], unused["decided_by"]) == ("rejected", "rolled_back", "schema_diff")
    assert olorin("can-i-deploy", "investigations", "3.1.0", "--to", "production")[0] == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_what_no_consumer_misses_is_accepted_under_consumers_and_the_records_say_so(olorin):
    _, report = olorin("demo", "--exit", "--story", "examples/olorin/story-consumers.yaml")
    breaking, unused = report["releases"]
    assert (breaking["verdict"], breaking["decided_by"]) == ("rejected", "consumer_compatibility")
    assert (unused["verdict"], unused["outcome"]) == ("accepted", "promoted"), report["disagreements"]
    codes = {
        version: olorin("can-i-deploy", "investigations", version, "--to", "production", "--matrix")
        for version in ("3.0.0", "3.1.0", "2.1.0")
    }
    assert {version: code for version, (code, _) in codes.items()} == {"3.0.0": 1, "3.1.0": 0, "2.1.0": 3}
    answers = {row["answer"] for row in codes["3.0.0"][1]["matrix"] if row["version"] == "3.0.0"}
    assert answers == {"breaks", "not concerned"}
