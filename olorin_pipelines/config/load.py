"""Where is the configuration and what does it say? The only reader of `olorin.yaml` and of `OLORIN_*` variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from olorin_pipelines import yaml12
from olorin_pipelines.config.faults import explained, located, type_at
from olorin_pipelines.config.model import Config
from olorin_pipelines.config.values import Secret, expand
from olorin_pipelines.errors import ConfigError, DocumentError

__all__ = ["CONFIG_VARIABLE", "find_config", "load_config", "read_tree"]

CONFIG_VARIABLE = "OLORIN_CONFIG"
_PREFIX = "OLORIN__"
_FILE = "olorin.yaml"


def find_config(start: Path | None = None) -> Path:
    """Return the path of the configuration: `OLORIN_CONFIG`, else `olorin.yaml` here or in a parent folder."""
    named = os.environ.get(CONFIG_VARIABLE)
    if named:
        return Path(named).absolute()
    here = (start or Path.cwd()).absolute()
    for folder in (here, *here.parents):
        if (folder / _FILE).is_file():
            return folder / _FILE
    raise ConfigError(
        f"no {_FILE} in {here} or above",
        hint=f"write one with `olorin init --url URL`, or set {CONFIG_VARIABLE}",
    )


def load_config(path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Read and check the configuration.

    `OLORIN__SERVICES__NAME__KEY=value` in the environment overrides any key (a `-` of a name may be written `_`).
    Raises `ConfigError` naming file, line, key and, for an unknown key, the nearest known one.
    """
    file = path.absolute() if path else find_config()
    text, tree = read_tree(file)
    if not isinstance(tree, dict):
        raise ConfigError("a mapping is expected", file=str(file), line=1, hint="begin with `services:`")
    _override(tree, os.environ if environ is None else environ)
    try:
        return Config.model_validate({**_expanded(tree, file, text), "root": file.parent})
    except ValidationError as error:
        raise explained(error, Config, file, text) from error


def read_tree(file: Path) -> tuple[str, Any]:
    """Return the text of a YAML file and what it holds. Raises `ConfigError` when it cannot be read."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(file), hint="check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError("is not UTF-8 text", file=str(file), hint="save it as UTF-8") from error
    try:
        tree = yaml12.load(text, source=str(file))
    except DocumentError as error:
        raise ConfigError(error.message, hint=error.hint) from error
    return text, tree


def _expanded(tree: dict[str, Any], file: Path, text: str) -> dict[str, Any]:
    """Replace `${VARIABLE}` everywhere but in secrets, which are read when they are used."""

    def visit(value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: visit(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [visit(inner, (*path, index)) for index, inner in enumerate(value)]
        if isinstance(value, str) and type_at(path, Config) not in (None, Secret):
            try:
                return expand(value)
            except ConfigError as error:
                raise located(error.message, path, file, text, hint=error.hint) from error
        return value

    return {key: visit(value, (key,)) for key, value in tree.items()}


def _override(tree: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Lay the `OLORIN__…` variables over the tree, in place."""
    for variable, value in sorted(environ.items()):
        if not variable.startswith(_PREFIX):
            continue
        *above, last = variable.removeprefix(_PREFIX).lower().split("__")
        node: Any = tree
        path: list[str | int] = []
        for step in above:
            key = _spelled(node, step, variable)
            path.append(key)
            if isinstance(node, dict):
                node[key] = _written_out(node.get(key, {}), tuple(path))
            node = node[key]
        path.append(_spelled(node, last, variable))
        node[path[-1]] = _read(value, type_at(tuple(path), Config), variable)


def _written_out(value: Any, path: tuple[str | int, ...]) -> Any:
    """The mapping that a text is short for, as `policy: warn` is, so that its keys can be reached."""
    key = getattr(type_at(path, Config), "SHORT_FOR", None)
    return {key: value} if key is not None and isinstance(value, str) else value


def _spelled(node: Any, step: str, variable: str) -> str | int:
    """The key of a mapping or the place in a list that a step names."""
    if isinstance(node, list):
        if step.isdecimal() and int(step) < len(node):
            return int(step)
        raise ConfigError(f"there is no entry {step} in a list of {len(node)}", key=variable, hint="they count from 0")
    if not isinstance(node, dict):
        raise ConfigError("names a key below a plain value", key=variable, hint="write a mapping there in the file")
    return next((key for key in node if key.lower().replace("-", "_") == step), step)


def _read(value: str, expected: Any, variable: str) -> Any:
    """Read a value as YAML, but for texts: a token of digits is a text, whatever YAML makes of it."""
    if expected in (str, Secret, Path):
        return value
    try:
        return yaml12.load(value, source=variable)
    except DocumentError as error:
        raise ConfigError(error.message, key=variable, hint=error.hint) from error
