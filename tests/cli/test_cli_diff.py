"""`olorin diff`, `olorin rules` and `olorin explain`: what they print, how they end, and what they do not load."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import time
from xml.etree.ElementTree import fromstring

import jsonschema_rs
import pytest
import yaml

from olorin_pipelines.diff import RULES
from olorin_pipelines.policy import FAIL_ON

HEAVY = {"dagster", "httpx", "jsonschema_rs", "pandas", "pydantic", "sqlalchemy"}


def document(path, kind="string", **fields):
    schema = {"content": {"application/json": {"schema": {"type": kind}}}}
    item = {"post": {"requestBody": schema, "responses": {"200": {"description": "done"}}, **fields}}
    whole = {"openapi": "3.1.0", "info": {"title": "Pets", "version": kind}, "paths": {"/a": item, "/b": item}}
    path.write_text(json.dumps(whole, indent=1) if path.suffix == ".json" else yaml.safe_dump(whole))
    return str(path)


@pytest.fixture
def pair(tmp_path, monkeypatch):
    """Two documents that differ in two breaking ways, in the working directory."""
    monkeypatch.chdir(tmp_path)
    document(tmp_path / "old.json")
    document(tmp_path / "new.yaml", "integer")
    return "old.json", "new.yaml"


def test_text_stands_below_its_operations_with_lines(olorin, pair):
    said = olorin("diff", *pair)
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "2 breaking changes"
    assert lines.index("POST /a") < lines.index("POST /b")
    assert any(line.strip().startswith("at new.yaml:") for line in lines)


def test_json_is_what_the_published_schema_says(olorin, pair, request):
    schema = json.loads((request.config.rootpath / "docs" / "schemas" / "diff-report.schema.json").read_text())
    data = olorin("diff", *pair, "--format", "json").data
    jsonschema_rs.validator_for(schema).validate(data)
    assert data["old"] == {**data["old"], "source": "old.json", "title": "Pets", "version": "string"}
    assert data["findings"][0]["location"]["new"]["file"] == "new.yaml"
    assert olorin("diff", *pair, "--json").data == data


@pytest.mark.parametrize(
    ("shape", "start"),
    [
        ("markdown", "### Pets&#58; string → integer\n\n**2 breaking changes**"),
        ("html", "<!doctype html>"),
        ("github", "::error file=new.yaml,line="),
        ("changelog", "## Pets&#58; string → integer\n\n### Breaking\n"),
    ],
)
def test_a_format_begins_as_its_readers_expect(olorin, pair, shape, start):
    said = olorin("diff", *pair, "--format", shape)
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith(start)


def test_sarif_and_junit_are_well_formed(olorin, pair):
    sarif = olorin("diff", *pair, "--format", "sarif").data
    assert [len(run["results"]) for run in sarif["runs"]] == [2]
    junit = fromstring(olorin("diff", *pair, "--format", "junit").out)  # noqa: S314 - our own
    assert junit.attrib["failures"] == "2"


@pytest.mark.parametrize("fail_on", FAIL_ON)
def test_fail_on_says_how_it_ends(olorin, pair, fail_on):
    assert olorin("diff", *pair, "--fail-on", fail_on).code == int(fail_on != "none")
    assert olorin("diff", pair[0], pair[0], "--fail-on", fail_on).code == 0


def test_a_policy_grades_approves_and_leaves_out(olorin, pair, tmp_path):
    policy = tmp_path / "policy.yaml"
    (rule,) = {finding["id"] for finding in olorin("diff", *pair, "--json").data["findings"]}
    policy.write_text(
        f"severities: {{{rule}: warning}}\npaths: {{exclude: [/b]}}\n"
        f"approvals: [{{fingerprint: ffffffffffffffff, reason: gone, expires: 2999-01-01}}]\n"
    )
    said = olorin("diff", *pair, "--policy", str(policy), "--json")
    assert (said.code, said.data["counts"]) == (0, {"breaking": 0, "warning": 1, "info": 0})
    assert (said.data["ignored"], len(said.data["stale"])) == (1, 1)
    assert "covers nothing" in said.err
    said = olorin("diff", *pair, "--policy", str(policy), "--fail-on", "warning")
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith("1 warning, 1 left out by the policy\n")
    assert said.out.endswith("the approval of ffffffffffffffff covers nothing: remove it\n")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("severities: {api-removed-without-deprecaton: info}", "did you mean 'api-removed-without-deprecation'?"),
        ("aprovals: []", "did you mean 'approvals'?"),
        (None, "cannot be read"),
    ],
)
def test_a_wrong_policy_is_bad_input(olorin, pair, tmp_path, text, said):
    policy = tmp_path / "policy.yaml"
    if text:
        policy.write_text(text)
    told = olorin("diff", *pair, "--policy", str(policy))
    assert (told.code, told.out) == (2, "")
    assert "policy.yaml" in told.err
    assert said in told.err


def _in_terminal(arguments, **env):
    """Run a command whose output is a terminal; return what it wrote."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "olorin_pipelines", *arguments]
    clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    done = subprocess.run(command, stdout=follower, stderr=follower, env={**clean, **env}, timeout=60, check=False)
    os.close(follower)
    written = os.read(leader, 100_000).decode()
    os.close(leader)
    return done.returncode, written


@pytest.mark.parametrize(
    "command", [("diff", "old.json", "new.yaml"), ("explain", "nope"), ("explain", "endpoint-added")]
)
def test_colour_is_for_terminals_that_want_it(pair, command):
    code, colored = _in_terminal(command)
    assert "\x1b[" in colored
    for variable in ("1", "yes"):
        assert "\x1b" not in _in_terminal(command, NO_COLOR=variable)[1]
    assert "\x1b[" in _in_terminal(command, NO_COLOR="")[1]
    assert code == {"diff": 1, "nope": 2, "endpoint-added": 0}[command[0] if command[0] == "diff" else command[1]]


def test_rules_are_a_table_and_json(olorin):
    said = olorin("rules")
    lines = said.out.splitlines()
    assert lines[-1] == f"{len(RULES)} rules; `olorin explain ID` says more"
    assert len(lines) == len(RULES) + 1
    data = olorin("rules", "--json").data
    assert [row["id"] for row in data] == sorted(rule.id for rule in RULES)
    assert all(row["says"] and row["severity"] in FAIL_ON for row in data)


def test_rules_are_filtered(olorin):
    by_direction = [olorin("rules", "--direction", one, "--json").data for one in ("request", "response", "other")]
    assert sum(map(len, by_direction)) == len(RULES)
    assert all(by_direction)
    assert all("response" in row["id"] for row in by_direction[1])
    found = olorin("rules", "--severity", "warning", "--contains", "property", "--json").data
    assert {row["severity"] for row in found} == {"warning"}
    assert olorin("rules", "--contains", "no such rule").out.startswith("0 rules")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_can_be_explained(olorin, rule):
    said = olorin("explain", rule.id)
    assert said.code == 0
    before, _, after = said.out.partition("\nbefore:\n")[2].partition("\nafter:\n")
    assert yaml.safe_load(before) == json.loads(json.dumps(rule.before))
    assert yaml.safe_load(after) == json.loads(json.dumps(rule.after))
    assert f"why:       {rule.why}" in said.out


def test_an_unknown_rule_names_the_nearest(olorin):
    said = olorin("explain", "request-property-became-requird")
    assert (said.code, said.out) == (2, "")
    assert "did you mean 'request-property-became-required'?" in said.err
    assert olorin("explain", "request-property-became-required", "--json").data["severity"] == "breaking"


def _loaded(*arguments, **options):
    script = (
        "import sys\nfrom olorin_pipelines.cli import main\n"
        f"sys.argv = ['olorin', *{list(arguments)!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n"
        "    print(*sorted({name.partition('.')[0] for name in sys.modules}), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, **options)
    return set(done.stderr.split())


@pytest.mark.parametrize("command", [("diff", "--help"), ("--help",), ("rules",), ("explain", "endpoint-added")])
def test_a_quick_command_loads_nothing_heavy(command):
    assert _loaded(*command) & HEAVY == set()


@pytest.mark.parametrize("shape", ["text", "markdown", "json", "html", "sarif", "junit", "github", "changelog"])
def test_a_comparison_without_a_policy_loads_nothing_heavy(pair, shape):
    assert _loaded("diff", *pair, "--format", shape) & HEAVY <= {"jsonschema_rs"}, "it judges what proves a break"


def test_help_is_there_at_once():
    """0.25 s by the clock of the processor: other work on the machine does not count."""

    def seconds():
        begin = os.times()
        subprocess.run([sys.executable, "-m", "olorin_pipelines", "diff", "--help"], capture_output=True, check=True)
        end = os.times()
        return end.children_user + end.children_system - begin.children_user - begin.children_system

    assert min(seconds() for _ in range(3)) <= 0.25


def test_a_large_comparison_says_its_lines_in_passing(tmp_path, olorin, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def large(name, kind):
        answer = {"200": {"description": "d", "content": {"application/json": {"schema": {"type": kind}}}}}
        paths = {f"/{i}": {"get": {"responses": answer}} for i in range(3_000)}
        text = json.dumps({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}, indent=2)
        (tmp_path / name).write_text(text)

    large("old.json", "string")
    large("new.json", "integer")
    begin = time.process_time()
    data = olorin("diff", "old.json", "new.json", "--json").data
    assert time.process_time() - begin < 20
    assert len({finding["location"]["new"]["line"] for finding in data["findings"]}) == len(data["findings"]) == 3_000


def test_the_whole_report_goes_through_a_pipe_before_the_process_ends_at_once(pair, olorin):
    """The documents are not taken apart at the end, so nothing but the command itself may flush."""
    command = [sys.executable, "-m", "olorin_pipelines", "diff", *pair, "--format", "html"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = olorin("diff", *pair, "--format", "html")
    assert (done.returncode, done.stdout) == (said.code, said.out)
    assert done.stdout.rstrip().endswith("</html>")
