"""The `run` steps of a composite action, executed here as a runner would: expressions, environment, outputs.

Steps that use other actions are listed and not executed; neither is what installs this project, which the tests have.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Ran", "run_action"]

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")


@dataclass
class Ran:
    """What a run of the action left: exit code, outputs by step, the summary of the job, the other actions used."""

    code: int = 0
    outputs: dict[str, dict[str, str]] = field(default_factory=dict)
    summary: str = ""
    used: list[str] = field(default_factory=list)
    said: str = ""


def run_action(
    file: Path, *, inputs: dict[str, str], event: dict[str, Any], cwd: Path, temp: Path, env: dict[str, str]
) -> Ran:
    """Execute the steps in order until one fails; what a step installs is taken as installed."""
    action = yaml.safe_load(file.read_text(encoding="utf-8"))
    github = {"event": event, "event_name": "pull_request", "action_path": str(file.parent), "token": "t0ken"}
    ran = Ran()
    context: dict[str, Any] = {"github": github, "steps": ran.outputs}
    defaults = {name: _filled(str(one.get("default") or ""), context) for name, one in action["inputs"].items()}
    context["inputs"] = defaults | inputs
    (temp / "event.json").write_text(json.dumps(event))
    for step in action["runs"]["steps"]:
        if "if" in step and not _true(str(step["if"]), context):
            continue
        if "uses" in step:
            ran.used.append(str(step["uses"]).partition("@")[0])
            continue
        if str(step["name"]).startswith("Install"):
            continue
        if not _step(step, context, ran, cwd=cwd, temp=temp, env=env):
            break
    return ran


def _step(
    step: dict[str, Any], context: dict[str, Any], ran: Ran, *, cwd: Path, temp: Path, env: dict[str, str]
) -> bool:
    files = {name: temp / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for path in files.values():
        path.write_text("")
    own = {name: _filled(str(value), context) for name, value in step.get("env", {}).items()}
    told = {"RUNNER_TEMP": str(temp), "GITHUB_EVENT_PATH": str(temp / "event.json"), **env}
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],  # as a runner starts it
        cwd=cwd,
        env={**os.environ, **told, **own, **{name: str(path) for name, path in files.items()}},
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    lines = files["GITHUB_OUTPUT"].read_text().splitlines()
    ran.outputs[step.get("id", step["name"])] = {
        "outputs": dict(line.split("=", 1) for line in lines)  # type: ignore[dict-item]
    }
    ran.summary += files["GITHUB_STEP_SUMMARY"].read_text()
    ran.said += done.stdout + done.stderr
    ran.code = done.returncode
    return done.returncode == 0


def _filled(text: str, context: dict[str, Any]) -> str:
    def told(match: re.Match[str]) -> str:
        value = _value(match[1], context)
        return str(value).lower() if isinstance(value, bool) else str(value if value is not None else "")

    return _EXPRESSION.sub(told, text)


def _true(text: str, context: dict[str, Any]) -> bool:
    match = _EXPRESSION.fullmatch(text)
    return all(bool(_value(part, context)) for part in (match[1] if match else text).split(" && "))


def _value(text: str, context: dict[str, Any]) -> Any:
    """The few forms the action uses; another one is a fault of this file, and raises."""
    if match := re.fullmatch(r"contains\((.+), (.+)\)", text):
        return _value(match[2], context) in (_value(match[1], context) or ())
    if match := re.fullmatch(r"(.+?) (==|!=) (.+)", text):
        same = _value(match[1], context) == _value(match[3], context)
        return same if match[2] == "==" else not same
    if match := re.fullmatch(r"'(.*)'", text):
        return match[1]
    if text in ("true", "false"):
        return text == "true"
    assert re.fullmatch(r"[\w.*-]+", text), text
    value: Any = context
    for name in text.split("."):
        if name == "*":
            continue
        if isinstance(value, list):
            value = [one.get(name) for one in value]
        else:
            value = value.get(name) if isinstance(value, dict) else None
    return value
