"""What holds for every file: docstrings, `__all__`, and words that have no business in a public project."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _listed() -> list[Path]:
    """The files git knows or would add; all files when this is no clone."""
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return [path for path in ROOT.rglob("*") if path.is_file() and not any(p[0] == "." for p in path.parts if p)]
    return [path for line in done.stdout.splitlines() if (path := ROOT / line).is_file()]


FILES = _listed()
PYTHON = [path for path in FILES if path.suffix == ".py"]
SHIPPED = [path for path in PYTHON if path.relative_to(ROOT).parts[0] != "tests"]
ENGINE = [path for path in PYTHON if path.relative_to(ROOT).parts[0] == "olorin_pipelines"]


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _module(path: Path) -> str:
    return _name(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _declared(tree: ast.Module) -> list[str] | None:
    for node in tree.body:
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "__all__" for target in node.targets):
            return [str(name) for name in ast.literal_eval(node.value)]
    return None


def _order(name: str) -> tuple[int, str]:
    """The order ruff keeps: CONSTANTS, then Classes, then functions."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


@pytest.mark.parametrize("path", SHIPPED, ids=_name)
def test_every_module_says_what_it_is_for(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))), f"{_name(path)} has no docstring"


@pytest.mark.parametrize("path", ENGINE, ids=_name)
def test_what_a_module_offers_exists_and_is_sorted(path):
    offered = _declared(ast.parse(path.read_text(encoding="utf-8")))
    if offered is None:
        return
    assert offered == sorted(offered, key=_order)
    module = importlib.import_module(_module(path))
    assert [name for name in offered if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", [path for path in ENGINE if path.name == "__init__.py"], ids=_name)
def test_a_package_offers_everything_it_gathers(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    package = _module(path)
    gathered = {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(f"{package}.")
        for alias in node.names
    }
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    public = {name for name in gathered | defined if not name.startswith("_")}
    from_ports = {"MetricsSource", "Scaler", "TrafficRouter"}  # the annotation of what an adapter's package opens
    if package.startswith("olorin_pipelines.delivery."):
        public -= from_ports
    assert public <= set(_declared(tree) or ())


def test_the_engine_is_typed():
    assert (ROOT / "olorin_pipelines" / "py.typed").is_file()


_FORBIDDEN = {
    "a path of somebody's machine": re.compile(r"(?<![\w.])/" + r"work/|/home/(?!runner)\w+/|/Users/\w+/"),
    "a folder that is not in the repository": re.compile(r"(?<![\w./])(\.\./)?" + r"shared/\w+\.(md|json)"),
    "a word about how the text was made": re.compile(
        r"\b(" + "|".join(["chat" + "gpt", "lan" + "guage model", "cl" + "aude", "co" + "pilot"]) + r")\b",
        re.IGNORECASE,
    ),
}


@pytest.mark.parametrize("what", sorted(_FORBIDDEN))
def test_no_file_mentions(what):
    found = []
    for path in FILES:
        if path.suffix in {".png", ".lock", ".gz", ".ico"}:
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        found += [
            f"{_name(path)}:{text.count(chr(10), 0, match.start()) + 1}: {match.group()}"
            for match in _FORBIDDEN[what].finditer(text)
            if not (match.group().startswith("../") and path.is_relative_to(ROOT / "tests"))
        ]
    assert found == []


@pytest.mark.parametrize(
    "module", re.findall(r"-m (tests\.[\w.]+)", (ROOT / "Makefile").read_text(encoding="utf-8")), ids=str
)
def test_what_a_make_target_starts_can_be_imported(module):
    """No test runs them: they install services from PyPI, or need a browser."""
    importlib.import_module(module)


def test_an_installed_service_tells_its_version_without_its_extras(tmp_path, monkeypatch):
    """`glances[web]` is installed under the name `glances`; what is installed here stands for it."""
    binaries = tmp_path / "thing" / "env" / "bin"
    binaries.mkdir(parents=True)
    for name in ("python", "served"):
        (binaries / name).write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
        (binaries / name).chmod(0o755)
    services = importlib.import_module("tests.real.services")
    monkeypatch.setattr(services, "PLACE", tmp_path)
    real = services.Real(package="dagster[extra]", command=("served",), documents=("/openapi.json",))
    assert services.installed("thing", real) == importlib.metadata.version("dagster")
