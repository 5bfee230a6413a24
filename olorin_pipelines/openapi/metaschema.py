"""Which rules does a dialect set? The OpenAPI Initiative's meta-schemas, compiled once per process."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from typing import Any

import orjson

from olorin_pipelines.errors import ToolMissing

__all__ = ["validator"]

_SCHEMA_OBJECT = "https://json-schema.org/draft/2020-12/schema"


@functools.cache
def validator(dialect: str) -> Any:
    """Return the compiled `jsonschema_rs` validator of "2.0", "3.0", "3.1" or "3.2"."""
    import jsonschema_rs

    schema = _read(dialect)
    if dialect in ("2.0", "3.0"):
        return jsonschema_rs.Draft4Validator(schema)
    registry = jsonschema_rs.Registry([(schema["$id"], schema)])
    return jsonschema_rs.Draft202012Validator(_with_schema_objects(schema["$id"]), registry=registry)


def _with_schema_objects(base: str) -> dict[str, Any]:
    """The published 3.1 and 3.2 schemas leave Schema Objects open, by `$dynamicRef: "#meta"`.

    The outermost `$dynamicAnchor: "meta"` closes them, here with JSON Schema 2020-12 as the Initiative's own
    `schema-base` does (JSON Schema core, section 8.2.3.2).
    """
    return {
        "$schema": _SCHEMA_OBJECT,
        "$id": f"{base}/with-schema-objects",
        "$ref": base,
        "$defs": {"schema": {"$dynamicAnchor": "meta", "$ref": _SCHEMA_OBJECT}},
    }


def _read(dialect: str) -> Any:
    """Read the file alone: importing the package would cost half a second for nothing."""
    spec = importlib.util.find_spec("openapi_spec_validator")
    if spec is None or not spec.submodule_search_locations:
        raise ToolMissing(
            "openapi-spec-validator, which holds the meta-schemas, is not installed", tool="openapi-spec-validator"
        )
    folder = Path(spec.submodule_search_locations[0])
    return orjson.loads((folder / "resources" / "schemas" / f"v{dialect}" / "schema.json").read_bytes())
