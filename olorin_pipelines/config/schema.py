"""What can stand in `olorin.yaml`, for editors? A JSON Schema, generated from the models."""

from __future__ import annotations

from typing import Any

from olorin_pipelines.config.model import Config

__all__ = ["config_schema"]

_REFERENCE = {"type": "string", "pattern": r"\$\{[A-Za-z_]", "description": "a value of the environment"}
_PLAIN = ("integer", "number", "boolean")


def config_schema() -> dict[str, Any]:
    """Return the schema, JSON Schema 2020-12. Any value that is not free text may also be written `${VARIABLE}`."""
    schema = Config.model_json_schema(by_alias=True)
    schema["properties"].pop("root")
    schema["required"] = [name for name in schema["required"] if name != "root"]
    service = schema["$defs"]["Service"]["properties"]
    service["policy"] = {"anyOf": [{"enum": ["enforce", "warn"]}, service["policy"]]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "olorin.yaml",
        **{key: value for key, value in _with_references(schema).items() if key != "title"},
    }


def _with_references(node: Any) -> Any:
    if isinstance(node, list):
        return [_with_references(each) for each in node]
    if not isinstance(node, dict):
        return node
    inner = {key: _with_references(value) for key, value in node.items()}
    if inner.get("type") not in _PLAIN and not {"enum", "const", "pattern"} & inner.keys():
        return inner
    said = {key: inner.pop(key) for key in ("description", "default", "title") if key in inner}
    return {**said, "anyOf": [inner, _REFERENCE]}
