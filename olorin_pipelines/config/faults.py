"""Where is a file wrong? A validation error becomes one sentence with file, line, key and the nearest known name."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError

from olorin_pipelines import yaml12
from olorin_pipelines.errors import ConfigError, did_you_mean

__all__ = ["explained", "located", "type_at"]


def explained(error: ValidationError, model: type[BaseModel], file: Path, text: str) -> ConfigError:
    """Return the first fault of `text`, read from `file` as a `model`; an unknown key comes before what it caused."""
    fault = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")[0]
    path = tuple(part for part in fault["loc"] if part != "[key]")
    if fault["type"] == "extra_forbidden":
        parent = type_at(path[:-1], model)
        known = _keys(parent) if isinstance(parent, type) else []
        return located(f"{path[-1]!r} is not a key here", path, file, text, hint=did_you_mean(str(path[-1]), known))
    if fault["type"] == "missing":
        return located(f"{path[-1]!r} is required", path[:-1], file, text, hint=f"add `{path[-1]}:`")
    return located(fault["msg"].removeprefix("Value error, "), path, file, text)


def located(message: str, path: tuple[str | int, ...], file: Path, text: str, *, hint: str = "") -> ConfigError:
    """Return an error at the place of `text` that `path` leads to."""
    place = yaml12.locate(text, path, source=str(file))
    return ConfigError(
        message, file=str(file), line=place[0] if place else None, key=".".join(map(str, path)), hint=hint
    )


def type_at(path: tuple[str | int, ...], model: type[BaseModel]) -> Any:
    """Return the type that `path` leads to in a model, None when it leads nowhere."""
    current: Any = model
    for step in path:
        if isinstance(current, type) and issubclass(current, BaseModel):
            fields = current.model_fields.items()
            current = next((_plain(field.annotation) for name, field in fields if step in (name, field.alias)), None)
        elif get_origin(current) in (dict, tuple):
            current = _plain(get_args(current)[1 if get_origin(current) is dict else 0])
        else:
            return None
    return current


def _keys(model: type[Any]) -> list[str]:
    if not issubclass(model, BaseModel):
        return []
    return [field.alias or name for name, field in model.model_fields.items() if not field.exclude]


def _plain(annotation: Any) -> Any:
    """Strip `| None`."""
    options = [option for option in get_args(annotation) if option is not type(None)]
    return options[0] if len(options) == 1 and type(None) in get_args(annotation) else annotation
