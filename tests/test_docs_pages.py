"""The pages say what is so: generated ones are up to date, links lead somewhere, commands and snippets exist."""

from __future__ import annotations

import importlib.util
import re
import shlex
from itertools import pairwise
from pathlib import Path

import click
import pytest
import yaml

from olorin_pipelines import policy
from olorin_pipelines.cli import olorin
from olorin_pipelines.config import load_config
from olorin_pipelines.contract.judge.checks import NAMES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
LATER = re.compile(r"docs/images/[\w-]+\.png")  # pictures are taken from a running demo
TEXTS = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in PAGES}


def _generated() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    pages: dict[str, str] = module.pages()
    return pages


@pytest.mark.parametrize("page", sorted(_generated()))
def test_a_generated_page_is_up_to_date(page):
    assert (ROOT / "docs" / page).read_text(encoding="utf-8") == _generated()[page], "make docs"


def test_every_key_of_the_configuration_says_what_it_is():
    assert re.findall(r"^\| .*\|  ?\|$", _generated()["configuration.md"], re.MULTILINE) == []


def _blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def _prose(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", sorted(TEXTS))
def test_links_lead_to_files(page):
    here = (ROOT / page).parent
    targets = re.findall(r"\]\(([^)\s]+)\)", _prose(TEXTS[page]))
    local = [target.partition("#")[0] for target in targets if not re.match(r"https?://|mailto:|#", target)]
    missing = [target for target in local if not (here / target).exists()]
    assert [t for t in missing if not LATER.fullmatch(str((here / t).resolve().relative_to(ROOT)))] == []


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", sorted(TEXTS))
def test_links_lead_to_headings(page):
    here = (ROOT / page).parent
    for target in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", _prose(TEXTS[page])):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        text = (here / path).read_text(encoding="utf-8") if path else TEXTS[page]
        assert anchor in {_anchor(line.lstrip("# ")) for line in text.splitlines() if line.startswith("#")}, target


def _commands() -> list[tuple[str, str, bool]]:
    """Every `olorin …` with its page, and whether it stands in a shell block, where it has to be complete."""
    found = []
    for page, text in TEXTS.items():
        blocks = [line.partition(" #")[0] for block in _blocks(text, "sh") for line in block.splitlines()]
        inline = re.findall(r"`(olorin [^`]+)`", _prose(text))
        for line, complete in [*((line, True) for line in blocks), *((line, False) for line in inline)]:
            match = re.search(r"(?:^|/)olorin ([a-z].*)", line)
            if match:
                found.append((page, match[1].strip(), complete))
    return found


@pytest.mark.parametrize(("page", "line", "complete"), _commands())
def test_a_command_exists_with_its_options(page, line, complete, tmp_path, monkeypatch):
    name, *arguments = shlex.split(line)
    if "--policy" in arguments:  # a file that the page shows
        monkeypatch.chdir(tmp_path)
        (tmp_path / arguments[arguments.index("--policy") + 1]).touch()
    group = click.Context(olorin, info_name="olorin", **olorin.context_settings)
    command = olorin.get_command(group, name)
    if isinstance(command, click.Group) and arguments and arguments[0] in command.commands:
        group = click.Context(command, info_name=name, parent=group)
        name, *arguments = arguments
        command = command.get_command(group, name)
    assert command is not None, f"{page}: olorin {line}"
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert {word for word in arguments if word.startswith("--")} <= known, f"{page}: olorin {line}"
    context = click.Context(command, info_name=name, parent=group, resilient_parsing=not complete)
    command.parse_args(context, arguments)


def test_the_readme_names_commands():
    assert {line.split()[0] for page, line, _ in _commands() if page == "README.md"} >= {
        "verify",
        "deploy",
        "diff",
        "status",
    }


@pytest.mark.parametrize("page", sorted(TEXTS))
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {
        match
        for line in [*"".join(_blocks(TEXTS[page], "sh")).splitlines(), *re.findall(r"`([^`]+)`", _prose(TEXTS[page]))]
        for match in re.findall(r"(?:^|\s)make ([a-z-]+)", line)
    }
    assert named <= targets


def _snippets() -> list[tuple[str, str]]:
    return [(page, block) for page, text in TEXTS.items() for block in _blocks(text, "yaml")]


@pytest.mark.parametrize(("page", "text"), _snippets())
def test_a_configuration_snippet_loads(page, text, tmp_path):
    file = tmp_path / "olorin.yaml"
    file.write_text(text, encoding="utf-8")
    if "approvals" in yaml.safe_load(text):
        assert policy.read(file).approvals
        return
    if "known" in yaml.safe_load(text):
        assert len(policy.read_known(file, checks=NAMES).known) > 1
        return
    assert load_config(file, environ={}).services


def test_the_readme_needs_about_ten_lines():
    (snippet,) = _blocks(TEXTS["README.md"], "yaml")
    assert len([line for line in snippet.splitlines() if line.strip()]) <= 12
    service = next(iter(yaml.safe_load(snippet)["services"].values()))
    assert "rollout" not in service, "no router is needed"


def test_headings_go_down_one_level_at_a_time():
    for page, text in TEXTS.items():
        levels = [len(line) - len(line.lstrip("#")) for line in _prose(text).splitlines() if re.match(r"#+ ", line)]
        assert levels[0] == 1, page
        assert all(after <= before + 1 for before, after in pairwise(levels)), page
