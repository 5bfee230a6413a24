"""`.env.example` names every variable that something reads, with the value that holds without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from examples.olorin.server.settings import Settings
from olorin_pipelines.config import CONFIG_VARIABLE, load_config

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / ".env.example").read_text(encoding="utf-8")
NAMED = dict(re.findall(r"^#?([A-Z][A-Z0-9_]*)=(.*)$", TEXT, re.MULTILINE))
ACTIVE = set(re.findall(r"^([A-Z][A-Z0-9_]*)=", TEXT, re.MULTILINE))
CUSTOMERS = {"BACKEND_URL", "API_BASE_URL", "REQUEST_TIMEOUT_MS", "CONTRACT_TEST_TIMEOUT", "LOG_LEVEL"}


def test_the_required_keys_are_there():
    assert NAMED.keys() >= {*CUSTOMERS, "JWT_SECRET", "INVESTIGATIONS_TOKEN", CONFIG_VARIABLE}


def test_every_setting_of_the_example_service_is_there():
    assert NAMED.keys() >= {name.upper() for name in Settings.model_fields}


def test_every_variable_of_olorin_yaml_is_there():
    lines = (ROOT / "olorin.yaml").read_text(encoding="utf-8").splitlines()
    used = re.findall(r"\$\{([A-Z_]+)", "\n".join(line.partition("#")[0] for line in lines))
    assert NAMED.keys() >= set(used)


def test_nothing_is_named_that_nobody_reads():
    read = {name.upper() for name in Settings.model_fields} | {CONFIG_VARIABLE, "INVESTIGATIONS_TOKEN", "METRICS"}
    assert {name for name in NAMED if name not in read and not name.startswith("OLORIN__")} == set()


@pytest.mark.parametrize("name", sorted({name.upper() for name in Settings.model_fields} & NAMED.keys()))
def test_the_value_is_the_default(name, monkeypatch):
    for key in NAMED:
        monkeypatch.delenv(key, raising=False)
    default = getattr(Settings(), name.lower())
    monkeypatch.setenv(name, NAMED[name])
    assert getattr(Settings(), name.lower()) == default


def test_the_overrides_name_keys_that_exist():
    overrides = {name: value for name, value in NAMED.items() if name.startswith("OLORIN__")}
    assert load_config(ROOT / "olorin.yaml", environ=overrides) == load_config(ROOT / "olorin.yaml", environ={})


def test_no_secret_is_committed():
    assert [name for name, value in NAMED.items() if re.search("SECRET|TOKEN", name) and value] == []


def test_a_copy_changes_nothing_until_somebody_uncomments():
    made_by_the_demo = {"INVESTIGATIONS_TOKEN", "JWT_SECRET", "FAULT_FILE", CONFIG_VARIABLE}
    assert {name for name in ACTIVE if name in made_by_the_demo or name.startswith("OLORIN__")} == set()
