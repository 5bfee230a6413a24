"""How is a place in a document called for people? By its pointer alone: the way to it does not matter."""

from __future__ import annotations

from olorin_pipelines.openapi import Pointer

__all__ = ["schema_name"]

_SILENT = frozenset({"allOf", "anyOf", "oneOf"})
_MAPS = frozenset({"patternProperties", "dependentSchemas", "$defs", "definitions"})


def schema_name(pointer: Pointer) -> str:
    """Return "Order.lines[].price" for a pointer into a schema, empty for the root of one without a name."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if steps[:2] == ["components", "schemas"]:
        start, name = 3, steps[2] if len(steps) > 2 else ""
    else:
        start, name = (steps.index("schema") + 1 if "schema" in steps else len(steps)), ""
    rest = iter(steps[start:])
    for step in rest:
        if step == "properties" or step in _MAPS:
            name += f".{next(rest, '')}"
        elif step == "items":
            name += "[]"
        elif step == "additionalProperties":
            name += ".*"
        elif step in _SILENT:
            next(rest, "")
        elif step == "prefixItems":
            name += f"[{next(rest, '')}]"
        else:
            name += f".{step}"
    return name.removeprefix(".")
