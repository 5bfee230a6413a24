"""Where is the configuration and what does it say? The only reader of `olorin.yaml` and of `OLORIN_*` variables."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from olorin_pipelines import yaml12
from olorin_pipelines.config.model import Config, Secret, expand
from olorin_pipelines.errors import ConfigError, DocumentError, did_you_mean

__all__ = ["CONFIG_VARIABLE", "find_config", "load_config"]

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
        hint=f"write one (the README has ten lines to begin with), or set {CONFIG_VARIABLE}",
    )


def load_config(path: Path | None = None, *, environ: Mapping[str, str] | None = None) -> Config:
    """Read and check the configuration.

    `OLORIN__SERVICES__NAME__KEY=value` in the environment overrides any key (a `-` of a name may be written `_`).
    Raises `ConfigError` naming file, line, key and, for an unknown key, the nearest known one.
    """
    file = path.absolute() if path else find_config()
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
    if not isinstance(tree, dict):
        raise ConfigError("a mapping is expected", file=str(file), line=1, hint="begin with `services:`")
    _override(tree, os.environ if environ is None else environ)
    try:
        return Config.model_validate({**_expanded(tree, file, text), "root": file.parent})
    except ValidationError as error:
        unknown_first = sorted(error.errors(), key=lambda fault: fault["type"] != "extra_forbidden")
        raise _explain(unknown_first[0], file, text) from error


def _expanded(tree: dict[str, Any], file: Path, text: str) -> dict[str, Any]:
    """Replace `${VARIABLE}` everywhere but in secrets, which are read when they are used."""

    def visit(value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, dict):
            return {key: visit(inner, (*path, key)) for key, inner in value.items()}
        if isinstance(value, list):
            return [visit(inner, (*path, index)) for index, inner in enumerate(value)]
        if isinstance(value, str) and _model_at(path) not in (None, Secret):
            try:
                return expand(value)
            except ConfigError as error:
                raise _at(error.message, path, file, text, hint=error.hint) from error
        return value

    return {key: visit(value, (key,)) for key, value in tree.items()}


def _override(tree: dict[str, Any], environ: Mapping[str, str]) -> None:
    """Lay the `OLORIN__…` variables over the tree, in place."""
    for variable, value in sorted(environ.items()):
        if not variable.startswith(_PREFIX):
            continue
        steps = variable.removeprefix(_PREFIX).lower().split("__")
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(_spelled(node, step), {})
            if not isinstance(node, dict):
                raise ConfigError("names a key below a plain value", key=variable)
        try:
            node[_spelled(node, steps[-1])] = yaml12.load(value, source=variable)
        except DocumentError as error:
            raise ConfigError(error.message, key=variable, hint=error.hint) from error


def _spelled(node: Mapping[str, Any], step: str) -> str:
    return next((key for key in node if key.lower().replace("-", "_") == step), step)


def _explain(error: ErrorDetails, file: Path, text: str) -> ConfigError:
    path = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] == "extra_forbidden":
        parent = _model_at(path[:-1])
        known = _keys(parent) if isinstance(parent, type) else []
        return _at(f"{path[-1]!r} is not a key here", path, file, text, hint=did_you_mean(str(path[-1]), known))
    if error["type"] == "missing":
        return _at(f"{path[-1]!r} is required", path[:-1], file, text, hint=f"add `{path[-1]}:`")
    return _at(error["msg"].removeprefix("Value error, "), path, file, text)


def _at(message: str, path: tuple[str | int, ...], file: Path, text: str, *, hint: str = "") -> ConfigError:
    place = yaml12.locate(text, path, source=str(file))
    return ConfigError(
        message, file=str(file), line=place[0] if place else None, key=".".join(map(str, path)), hint=hint
    )


def _keys(model: type[Any]) -> list[str]:
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    return [field.alias or name for name, field in model.model_fields.items() if name != "root"]


def _model_at(path: tuple[str | int, ...]) -> Any:
    """Return the type that `path` leads to in `Config`, None when it leads nowhere."""
    current: Any = Config
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            fields = current.model_fields.items()
            current = next((_plain(field.annotation) for name, field in fields if step in (name, field.alias)), None)
        elif get_origin(current) in (dict, tuple):
            current = _plain(get_args(current)[1 if get_origin(current) is dict else 0])
        else:
            return None
    return current


def _plain(annotation: Any) -> Any:
    """Strip `| None`."""
    options = [option for option in get_args(annotation) if option is not type(None)]
    return options[0] if len(options) == 1 and type(None) in get_args(annotation) else annotation
