"""Which layer may import which? The arrows of docs/architecture.md, read from the code."""

from __future__ import annotations

import ast
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
ENGINE = "olorin_pipelines"

_BELOW_PIPELINE = {
    "access",
    "config",
    "contract",
    "delivery",
    "diff",
    "envoy",
    "errors",
    "gate",
    "notify",
    "openapi",
    "policy",
    "registry",
    "report",
    "typegen",
    "verdict",
    "yaml12",
}

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "yaml12": {"errors"},
    "gate": {"errors"},
    "verdict": {"gate"},
    "config": {"errors", "yaml12"},
    "notify": {"config", "errors"},
    "envoy": {"errors"},
    "access": {"errors"},
    "openapi": {"errors", "gate", "yaml12"},
    "diff": {"errors", "gate", "openapi"},
    "policy": {"config", "diff", "errors", "openapi"},
    "contract": {"access", "envoy", "errors", "gate", "openapi"},
    "report": {"errors", "gate", "verdict", "openapi", "diff", "policy", "contract", "yaml12"},
    "typegen": {"errors", "gate", "openapi"},
    "registry": {"errors", "gate"},
    "delivery": {"config", "envoy", "errors", "gate", "registry"},
    "pipeline": _BELOW_PIPELINE,
    "intake": {"config", "errors", "pipeline", "registry"},
    "demo": {*_BELOW_PIPELINE, "pipeline"},
    "cli": {*_BELOW_PIPELINE, "pipeline", "intake", "demo"},
}
"""Layer -> the layers it may import. A layer is a module or package directly below `olorin_pipelines`."""

SURFACE = ("resources", "jobs", "assets", "sensors", "schedules", "definitions")
"""The Dagster surface, lowest first: each may import the engine and what stands before it."""

HEAVY = {"dagster", "fastapi", "hypothesis", "numpy", "pandas", "prometheus_api_client", "schemathesis", "uvicorn"}
"""Libraries that cost seconds or that not every installation has: imported inside functions, if at all."""


class Import(NamedTuple):
    """One import statement: who, at which line, imports which module, and whether when it is loaded itself."""

    module: str
    line: int
    target: str
    at_load: bool

    def __str__(self) -> str:
        return f"{self.module.replace('.', '/')}.py:{self.line} imports {self.target}"


def engine_modules() -> dict[str, Path]:
    return {_dotted(path): path for path in sorted((ROOT / ENGINE).rglob("*.py")) if "node_modules" not in path.parts}


def _dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(module: str, path: Path) -> Iterator[Import]:
    """Every import, also those inside functions and under TYPE_CHECKING; `from a import b` counts as `a.b`."""

    def visit(node: ast.AST, *, at_load: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            match child:
                case ast.Import(names=names):
                    yield from (Import(module, child.lineno, name.name, at_load) for name in names)
                case ast.ImportFrom(module=source, names=names, level=0):
                    yield from (Import(module, child.lineno, f"{source}.{name.name}", at_load) for name in names)
                case ast.ImportFrom():
                    pytest.fail(f"{path}:{child.lineno}: a relative import")
                case _:
                    inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                    inside |= isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
                    yield from visit(child, at_load=at_load and not inside)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), at_load=True)


def layer_of(module: str) -> str | None:
    """Return the layer of a dotted name, None outside the engine and for the engine's own `__version__`."""
    first, _, rest = module.partition(".")
    layer = rest.partition(".")[0]
    return layer if first == ENGINE and layer and not layer.startswith("__") else None


@pytest.fixture(scope="module")
def imports() -> list[Import]:
    return [item for module, path in engine_modules().items() for item in imports_of(module, path)]


def test_every_layer_is_in_the_table():
    layers = {layer for module in engine_modules() if (layer := layer_of(module))}
    assert layers - MAY_IMPORT.keys() == set(), "add the layer to MAY_IMPORT and to docs/architecture.md"


def test_the_table_has_no_cycle():
    done: list[str] = []
    for layer, below in MAY_IMPORT.items():
        assert below <= set(done), f"{layer} may import {sorted(below - set(done))}, which stand above it"
        done.append(layer)


def test_no_layer_imports_one_above_or_beside_it(imports):
    wrong = [
        str(item)
        for item in imports
        if (source := layer_of(item.module))
        and (target := layer_of(item.target))
        and target not in {source, *MAY_IMPORT.get(source, set())}
    ]
    assert wrong == []


def test_the_engine_never_imports_the_surface_or_the_examples(imports):
    foreign = {*SURFACE, "examples", "tests", "bench"}
    assert [str(item) for item in imports if item.target.partition(".")[0] in foreign] == []


def test_the_surface_imports_downwards_only():
    wrong = []
    for rank, name in enumerate(SURFACE):
        files = [ROOT / f"{name}.py"] if (ROOT / f"{name}.py").is_file() else sorted((ROOT / name).glob("*.py"))
        above = {*SURFACE[rank + 1 :], "examples", "tests", "bench"}
        for path in files:
            wrong += [str(item) for item in imports_of(_dotted(path), path) if item.target.partition(".")[0] in above]
    assert wrong == []


def test_the_surface_uses_no_private_dagster():
    wrong = [
        str(item)
        for name in SURFACE
        for path in [ROOT / f"{name}.py", *(ROOT / name).glob("*.py")]
        if path.is_file()
        for item in imports_of(_dotted(path), path)
        if item.target.startswith("dagster._")
    ]
    assert wrong == []


def test_no_engine_module_mentions_dagster_in_an_import(imports):
    assert [str(item) for item in imports if item.target.partition(".")[0].startswith("dagster")] == []


def test_heavy_libraries_are_imported_where_they_are_used(imports):
    wrong = [str(item) for item in imports if item.at_load and item.target.partition(".")[0] in HEAVY]
    assert wrong == []


def test_loading_the_whole_engine_loads_neither_dagster_nor_another_heavy_library():
    modules = [name for name in engine_modules() if not name.endswith("__main__")]
    script = (
        "import importlib, sys\n"
        f"for name in {modules!r}: importlib.import_module(name)\n"
        f"print(*sorted({HEAVY!r} & {{name.partition('.')[0] for name in sys.modules}}))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.strip() == ""


PORTS = ("routers", "metrics", "scalers")


def adapters() -> dict[str, tuple[str, str]]:
    """Port/name -> module and class of every adapter that can be configured."""
    return {
        f"{port}/{name}": place
        for port in PORTS
        for name, place in importlib.import_module(f"{ENGINE}.delivery.{port}")._KNOWN.items()
    }


def test_adapters_never_import_each_other():
    modules = {module for module, _ in adapters().values()}
    known = engine_modules()
    wrong = [
        str(item)
        for module in sorted(modules & known.keys())
        for item in imports_of(module, known[module])
        if any(item.target == other or item.target.startswith(f"{other}.") for other in modules - {module})
    ]
    assert wrong == []


@pytest.mark.parametrize("adapter", sorted(adapters()))
def test_every_known_adapter_exists(adapter):
    module, name = adapters()[adapter]
    assert isinstance(getattr(importlib.import_module(module), name), type)


def test_ports_have_at_most_five_methods():
    tree = ast.parse((ROOT / ENGINE / "delivery" / "ports.py").read_text(encoding="utf-8"))
    ports = [
        node
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(ast.unparse(base) == "Protocol" for base in node.bases)
    ]
    assert ports
    too_wide = [node.name for node in ports if sum(isinstance(item, ast.FunctionDef) for item in node.body) > 5]
    assert too_wide == []
