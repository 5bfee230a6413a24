"""What can stand in `olorin.yaml`? The reference page, generated from the models so that it cannot be out of date."""

from __future__ import annotations

import json
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import annotated_types as limits
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from olorin_pipelines.config.load import CONFIG_VARIABLE
from olorin_pipelines.config.model import Config
from olorin_pipelines.config.values import Secret

__all__ = ["keys_of", "models", "reference"]

_HEAD = f"""\
# Configuration

<!-- Generated from olorin_pipelines/config/ by `make docs`. -->

Olorin reads one file: the one `{CONFIG_VARIABLE}` names, else `olorin.yaml` in the working directory or the nearest
folder above it. It is YAML 1.2. A key that is not listed here is an error that names file, line, key and the nearest
known key.

- A value may contain `${{VARIABLE}}` or `${{VARIABLE:-default}}`. A variable that is not set and has no default is an
  error; secrets are looked up when they are used, so that a machine without them can still load the definitions.
- `OLORIN__` and the path of a key, joined by `__`, overrides that key from the environment. Case does not matter and a
  `-` of a name is written `_`: `OLORIN__PORTS__UI=0`, `OLORIN__SERVICES__MY_API__POLICY__MODE=warn`. An entry of a
  list is reached by its number, from 0: `OLORIN__SERVICES__MY_API__CONSUMERS__0__PATH=../front`. A text is taken as it
  is, everything else is read as YAML.
- Relative paths are read from the folder of the file.
"""


def reference() -> str:
    """Return the page as Markdown: a section per model, a row per key."""
    sections = [_section(path, model) for path, model in models("", Config)]
    return "\n".join([_HEAD, *sections])


def models(path: str, model: type[BaseModel]) -> Iterator[tuple[str, type[BaseModel]]]:
    """Walk the models below `model`, each with the dotted path of its keys, parents first."""
    yield path, model
    for name, field in _keys(model):
        inner, step = _inner(field.annotation)
        if inner is not None:
            yield from models(f"{path}.{name}{step}".removeprefix("."), inner)


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model an annotation leads to, and how its keys are reached: by name, by place or directly."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _inner(next(option for option in arguments if option is not type(None)))
    if origin is dict:
        return _model(arguments[1]), ".NAME"
    if origin is tuple:
        return _model(arguments[0]), "[]"
    return _model(annotation), ""


def _model(annotation: Any) -> type[BaseModel] | None:
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def keys_of(model: type[BaseModel]) -> list[str]:
    """Return the keys of a model as they are written in the file."""
    return [name for name, _ in _keys(model)]


def _keys(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items() if not field.exclude]


def _section(path: str, model: type[BaseModel]) -> str:
    title = f"`{path}`" if path else "Top level"
    said = (model.__doc__ or "").strip().splitlines()[0].partition(". ")[0].rstrip(".") + "."
    rows = [
        f"| `{name}` | {_type(field)} | {_default(field)} | {_cell(field.description or '')} |"
        for name, field in _keys(model)
    ]
    return "\n".join(
        [f"## {title}", "", said, "", "| key | type | default | what it is |", "|---|---|---|---|", *rows, ""]
    )


def _type(field: FieldInfo) -> str:
    bounds = [text for item in field.metadata if (text := _bound(item))]
    return _cell(" ".join([_named(field.annotation), *([f"({', '.join(bounds)})"] if bounds else [])]))


def _named(annotation: Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_named(option) for option in arguments if option is not type(None))
    if origin is typing.Annotated:
        return _named(arguments[0])
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in arguments)
    if origin is dict:
        return "mapping by name"
    if origin is tuple:
        return "list of mappings" if _model(arguments[0]) else f"list of {_named(arguments[0])}s"
    if _model(annotation):
        return "mapping"
    plain = {str: "text", int: "integer", float: "number", bool: "`true` or `false`", Path: "path", Secret: "secret"}
    return plain[annotation]


def _bound(item: Any) -> str:
    match item:
        case limits.Ge(ge=value):
            return f"≥ {value}"
        case limits.Gt(gt=value):
            return f"> {value}"
        case limits.Le(le=value):
            return f"≤ {value}"
        case limits.Lt(lt=value):
            return f"< {value}"
        case limits.MinLen(min_length=1):
            return "not empty"
        case _:
            return ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default
    if isinstance(value, BaseModel):
        return "see below"
    if value is None or value in ("", (), {}):
        return ""
    return f"`{json.dumps(value if isinstance(value, bool | int | float | tuple) else str(value))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
