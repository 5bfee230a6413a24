"""Every symptom of docs/troubleshooting.md is a message that the program, or a named one beside it, really has."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
OTHERS = {
    "CERTIFICATE VERIFY FAILED": "Envoy",
    "SAN matcher": "Envoy",
    "WRONG VERSION NUMBER": "Envoy",
    "invalid object name 'origin/main'": "git",
    "Not a valid object name": "git",
    "… (invalid_client)": "the token endpoint",
}
_FEWEST = 8
"""Letters that a message has to have by itself: fewer would be met by anything."""


def symptoms() -> list[str]:
    """What stands as code in the first column of the tables."""
    cells = [line.split(" | ")[0] for line in PAGE.splitlines() if line.startswith(("| `", "| ``"))]
    pattern = r"``\s?(.+?)\s?``(?!`)|(?<!`)`([^`]+)`(?!`)"
    return [double or single for cell in cells for double, single in re.findall(pattern, cell)]


@functools.cache
def messages() -> tuple[str, ...]:
    """Every text of the code, `…` where a value is filled in."""
    found = {(ROOT / "Makefile").read_text(encoding="utf-8")}
    for path in (*(ROOT / "olorin_pipelines").rglob("*.py"), ROOT / "definitions.py", *(ROOT / "sensors").glob("*.py")):
        if "node_modules" in path.parts or "location" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.add("".join(str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return tuple(found)


def told_by(symptom: str, message: str) -> bool:
    """Whether a message can read as the symptom does: either may have a `…` where the other has words."""
    wanted = [re.escape(part) for part in symptom.split("…")]
    if len(symptom.replace("…", "").strip()) >= _FEWEST and re.search(".*".join(wanted), message, re.DOTALL):
        return True
    said = [re.escape(part.strip()) for part in message.split("…") if part.strip()]
    return len("".join(said)) >= _FEWEST and re.search(".*".join(said), symptom, re.DOTALL) is not None


def test_there_are_many():
    assert len(symptoms()) > 40


@pytest.mark.parametrize("symptom", symptoms())
def test_a_symptom_is_a_message_of_the_program(symptom):
    assert symptom in OTHERS or any(told_by(symptom, message) for message in messages()), symptom


def test_a_text_that_nobody_says_would_be_noticed():
    assert not any(told_by("the moon is in the wrong quarter", message) for message in messages())
