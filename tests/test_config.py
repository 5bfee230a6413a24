"""Every fault of the configuration names file, line, key and the nearest known name."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from olorin_pipelines.config import Config, load_config
from olorin_pipelines.config.reference import keys_of, models
from olorin_pipelines.errors import ConfigError, UnknownName

GOOD = """\
services:
  pets:
    auth: {bearer: "${PETS_TOKEN}"}
    environments:
      production: {url: "http://127.0.0.1:1"}
    policy: {coverage: 0.5}
"""


@pytest.fixture
def write(tmp_path: Path):
    def writer(text: str) -> Path:
        file = tmp_path / "olorin.yaml"
        file.write_text(text)
        return file

    return writer


def test_a_good_file(write, tmp_path):
    config = load_config(write(GOOD), environ={})
    assert config.service("pets").policy.coverage == 0.5
    assert config.registry_url == f"sqlite:///{tmp_path}/var/olorin.db"
    assert config.service("pets").schema_url("http://h/") == "http://h/openapi.json"


@pytest.mark.parametrize(
    ("edit", "line", "key", "said"),
    [
        (("coverage", "covrage"), 6, "services.pets.policy.covrage", "did you mean 'coverage'?"),
        (("environments", "enviroments"), 4, "services.pets.enviroments", "did you mean 'environments'?"),
        (("production", "prod"), 4, "services.pets.environments", "'production' is required"),
        (("0.5", "7"), 6, "services.pets.policy.coverage", "less than or equal to 1"),
        (("http://127.0.0.1:1", "127.0.0.1"), 5, "services.pets.environments.production.url", "http://"),
        (("services", "servises"), 1, "servises", "did you mean 'services'?"),
        (("policy: {coverage: 0.5}", "policy: {}\n    policy: {}"), None, "", "given twice, first on line 6"),
        (("0.5", "[0.5"), None, "", "olorin.yaml:"),
        (("0.5", '"${NOT_SET_ANYWHERE}"'), 6, "services.pets.policy.coverage", "NOT_SET_ANYWHERE is not set"),
        (("{coverage: 0.5}", "wrn"), 6, "services.pets.policy.mode", "'enforce' or 'warn'"),
    ],
)
def test_a_fault_names_its_place(write, edit, line, key, said):
    with pytest.raises(ConfigError) as caught:
        load_config(write(GOOD.replace(*edit, 1)), environ={})
    assert said in caught.value.diagnostics()
    assert key in caught.value.key
    if line:
        assert caught.value.line == line


def test_steps_rise_to_100(write):
    text = GOOD.replace("policy: {coverage: 0.5}", "rollout: {steps: [50, 25]}")
    with pytest.raises(ConfigError, match="weights rise"):
        load_config(write(text), environ={})


def test_the_environment_overrides_any_key(write):
    environ = {"OLORIN__SERVICES__PETS__POLICY__COVERAGE": "0.9", "OLORIN__PORTS__UI": "0"}
    config = load_config(write(GOOD), environ=environ)
    assert config.service("pets").policy.coverage == 0.9
    assert config.ports.ui == 0


@pytest.mark.parametrize("key", ["MODE=enforce", "COVERAGE=0.7"])
def test_the_environment_reaches_below_a_policy_that_is_written_short(write, key):
    name, _, value = key.partition("=")
    text = GOOD.replace("{coverage: 0.5}", "warn")
    policy = load_config(write(text), environ={f"OLORIN__SERVICES__PETS__POLICY__{name}": value}).service("pets").policy
    assert (policy.mode, policy.coverage) == (("enforce", 0.95) if name == "MODE" else ("warn", 0.7))


@pytest.mark.parametrize(
    ("baseline", "said"),
    [
        ("{file: ../api.json}", "inside of the folder of olorin.yaml"),
        ("{file: /etc/api.json}", "inside of the folder of olorin.yaml"),
        ("{git: api.json}", "REF:PATH is expected"),
        ('{git: "--output=x:api.json"}', "REF:PATH is expected"),
        ("{file: api.json, git: main:api.json}", "one of `file`, `git` and `last_snapshot`"),
        ("{snapshot: true}", "did you mean 'last_snapshot'?"),
    ],
)
def test_a_baseline_that_cannot_be_is_refused_at_its_place(write, baseline, said):
    text = GOOD.replace("policy: {coverage: 0.5}", f"baseline: {baseline}")
    with pytest.raises(ConfigError, match=r"olorin\.yaml:6") as caught:
        load_config(write(text), environ={})
    assert said in caught.value.diagnostics()


def test_policy_warn_is_short_for_its_mode(write):
    assert load_config(write(GOOD.replace("{coverage: 0.5}", "warn")), environ={}).service("pets").policy.mode == "warn"


def test_a_secret_is_read_late_and_never_shown(write, monkeypatch):
    monkeypatch.delenv("PETS_TOKEN", raising=False)
    auth = load_config(write(GOOD), environ={}).service("pets").auth
    with pytest.raises(ConfigError, match="PETS_TOKEN is not set"):
        auth.headers()
    monkeypatch.setenv("PETS_TOKEN", "hush")
    assert auth.headers() == {"Authorization": "Bearer hush"}
    assert "hush" not in repr(auth)


def test_an_unknown_service_names_the_nearest(write):
    with pytest.raises(UnknownName) as caught:
        load_config(write(GOOD), environ={}).service("petz")
    assert "did you mean 'pets'?" in caught.value.diagnostics()


def test_no_file_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("OLORIN_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match=r"no olorin\.yaml"):
        load_config()


WHOLE = GOOD + '    consumers: [{name: front, path: "."}]\n'


def _every_key() -> list[tuple[str | int, ...]]:
    """Every key of the configuration as the reference lists them, with names for what has a name of one's own."""
    keys = []
    for path, model in models("", Config):
        steps: list[str | int] = []
        for step in filter(None, path.split(".")):
            above = steps[-1] if steps else ""
            named = {"services": "pets", "environments": "production"}.get(str(above), "any")
            steps += [named] if step == "NAME" else [step[:-2], 0] if step.endswith("[]") else [step]
        keys += [(*steps, name) for name in keys_of(model)]
    return keys


def _unknown(file: Path, key: tuple[str | int, ...]) -> bool:
    """Whether a value for this key, from the environment, is refused because there is no such key."""
    variable = "OLORIN__" + "__".join(map(str, key)).upper()
    try:
        load_config(file, environ={variable: "[{nobody: {knows: this}}]"})
    except ConfigError as error:
        faults = error.__cause__.errors() if isinstance(error.__cause__, ValidationError) else []
        return not faults or any(one["loc"] == key and one["type"] == "extra_forbidden" for one in faults)
    return False


@pytest.mark.parametrize("key", _every_key(), ids=lambda key: ".".join(map(str, key)))
def test_the_environment_reaches_every_key(write, key):
    file = write(WHOLE)
    assert not _unknown(file, key)
    assert _unknown(file, (*key[:-1], "no_such_key"))


def test_a_key_that_does_not_exist_is_refused_from_the_environment_too(write):
    with pytest.raises(ConfigError, match="is not a key here"):
        load_config(write(GOOD), environ={"OLORIN__SERVICES__PETS__POLICY__COVRAGE": "1"})


@pytest.mark.parametrize("token", ["12345", "true", "null", "@at", "a: b", "[x", "{y", "'", "0x1F", "# no comment"])
def test_a_text_from_the_environment_is_taken_as_it_is(write, token):
    config = load_config(write(GOOD), environ={"OLORIN__SERVICES__PETS__AUTH__BEARER": token})
    assert config.service("pets").auth.headers() == {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("OLORIN__SERVICES__PETS__CONSUMERS__1__PATH", "there is no entry 1"),
        ("OLORIN__SERVICES__PETS__CONSUMERS__FRONT__PATH", "there is no entry front"),
        ("OLORIN__HOME__MORE", "below a plain value"),
    ],
)
def test_a_variable_that_leads_nowhere_is_named(write, variable, said):
    with pytest.raises(ConfigError, match=said) as caught:
        load_config(write(WHOLE + "home: var\n"), environ={variable: "x"})
    assert caught.value.key == variable
