"""Documents that try to become code, to leave their folder, or to be too much. `TRIP` is called when one succeeds."""

from __future__ import annotations

from typing import Any

__all__ = ["DOCUMENTS", "TRIP"]

TRIP = "globalThis.tripwire()"

Document = dict[str, Any]

TEXTS = {
    "a comment end": f"*/ {TRIP}; /*",
    "a comment end in pieces": f"*\u200b/ *//*/ {TRIP} //",
    "a string end": f'"; {TRIP}; //',
    "a single quote": f"'; {TRIP}; '",
    "a backtick": f"`${{{TRIP}}}`",
    "a template": f"${{{TRIP}}}",
    "a backslash before a quote": f'\\"; {TRIP}; //',
    "a line separator": f"\u2028{TRIP}\u2029{TRIP}",
    "line feeds": f"a\n{TRIP}\r\n{TRIP}\r{TRIP}",
    "a NUL and a bell": f"\u0000\u0007{TRIP}",
    "text that turns round": f"\u202e{TRIP}\u2066",
    "a closing tag": f"</script><script>{TRIP}</script>",
    "a regular expression's end": f"/.constructor;{TRIP}//",
    "an end of everything": f"}}]);{TRIP};(function(){{[{{",
    "a directive": f"/// <reference path={TRIP} />\n//# sourceMappingURL=data:,{TRIP}",
    "a format string": f"%s {{0}} {TRIP} %n",
    "a computed key": f"[{TRIP}]",
    "a getter": f"get x() {{ {TRIP} }}",
    "a byte order mark": f"\ufeff{TRIP}",
    "an emoji in halves": f"\ud83d\ude00 {TRIP}",
}
"""Each stands everywhere in a document of its own."""

NAMES = (
    "__proto__",
    "constructor",
    "prototype",
    "toString",
    "hasOwnProperty",
    "then",
    "default",
    "exports",
    "validate",
)


def everywhere(text: str) -> Document:
    """A document with the text as every name and every value that is free."""
    ref = text.replace("~", "~0").replace("/", "~1").replace("%", "%25")
    schema = {
        "title": text,
        "description": text,
        "type": "object",
        "required": [text],
        "default": {text: text},
        "example": {text: text, "list": [text]},
        "properties": {
            text: {"type": "string", "enum": [text, "*/" + text], "format": text, "description": f"{text}\n{text}"},
            "constant": {"const": text},
            "pattern": {"type": "string", "pattern": text},
            "list": {"type": "array", "items": {"type": "string", "examples": [text]}, "uniqueItems": True},
        },
        "patternProperties": {text: {"type": "string"}},
        "dependentRequired": {text: [text]},
        "dependentSchemas": {text: {"required": [text]}},
        "discriminator": {"propertyName": text, "mapping": {text: text}},
        "x-" + text: text,
    }
    body = {
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{ref}"}, "example": {text: text}}}
    }
    operation = {
        "operationId": text,
        "summary": text,
        "description": text,
        "tags": [text],
        "deprecated": True,
        "parameters": [
            {"name": text, "in": "query", "description": text, "schema": {"const": text, "default": text}},
            {"name": text, "in": "header", "example": text, "schema": {"type": "string"}},
        ],
        "requestBody": {"description": text, "required": True, **body},
        "responses": {
            "200": {"description": text, "headers": {text: {"schema": {"type": "string"}}}, **body},
            text: {"description": text},
        },
        "security": [{text: [text]}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": text, "version": text, "description": text},
        "servers": [{"url": text, "description": text}],
        "tags": [{"name": text, "description": text}],
        "paths": {f"/{text}": {"summary": text, "post": operation}, f"/a/{{{text}}}": {"put": operation}},
        "components": {
            "schemas": {text: schema},
            "securitySchemes": {text: {"type": "apiKey", "in": "header", "name": text}},
        },
    }


def one(schema: Any, *, version: str = "3.1.0", path: str = "/x", **schemas: Any) -> Document:
    """A document whose one operation takes and gives the schema."""
    body = {"content": {"application/json": {"schema": schema}}}
    return {
        "openapi": version,
        "info": {"title": "One", "version": "1"},
        "paths": {path: {"post": {"requestBody": body, "responses": {"200": {"description": "", **body}}}}},
        "components": {"schemas": schemas},
    }


def nested(depth: int) -> Any:
    schema: Any = {"type": "string"}
    for _ in range(depth):
        schema = {"type": "object", "properties": {"a": schema}}
    return schema


REF = {"$ref": "#/components/schemas/A"}
SINGLE: dict[str, Document] = {
    "numbers that are code": one({"type": "integer", "minimum": TRIP, "maximum": [TRIP], "multipleOf": {"a": TRIP}}),
    "lengths that are code": one({"type": "string", "maxLength": f"1) || {TRIP} || (1", "minLength": TRIP}),
    "a type that is code": one({"type": TRIP}),
    "types that are code": one({"type": [TRIP, {"a": TRIP}, None, "string"]}),
    "a format that is code": one({"type": "string", "format": f'"];{TRIP};["'}),
    "a format of the validator's own": one({"type": "string", "format": "__proto__"}),
    "required that is code": one({"type": "object", "required": TRIP}),
    "required of objects": one({"type": "object", "required": [{"a": TRIP}, 1, None, TRIP]}),
    "data references of the validator": one(
        {"type": "object", "properties": {"a": {"const": {"$data": "1/b"}, "maximum": {"$data": f"1/{TRIP}"}}}}
    ),
    "keywords of the validator": one(
        {
            "$async": True,
            "$comment": TRIP,
            "$id": TRIP,
            "$schema": TRIP,
            "$dynamicRef": "#a",
            "$recursiveRef": "#",
            "formatMinimum": TRIP,
            "instanceof": TRIP,
            "transform": [TRIP],
            "errorMessage": TRIP,
            "type": "string",
        }
    ),
    "ids that collide": one(REF, A={"$id": "https://x.example/", "type": "string"}, B={"$id": "https://x.example/"}),
    "ids that are names of definitions": one(REF, A={"$id": "s0", "type": "object"}, B={"$id": "s1"}),
    "a pattern that is none": one({"type": "string", "pattern": "(?<"}),
    "a pattern with a slash and a flag": one({"type": "string", "pattern": f"/g;{TRIP};/"}),
    "a pattern that takes for ever": one({"type": "string", "pattern": "^(a+)+$", "example": "a" * 28 + "!"}),
    "patterns as properties": one({"patternProperties": {"(": {"type": "string"}, f"`{TRIP}": True, "^a": False}}),
    "an example of __proto__": one({"type": "object", "example": {"__proto__": {"polluted": True}}}),
    "a default of __proto__": one({"type": "object", "default": {"__proto__": {"polluted": True}}}),
    "const of __proto__": one(
        {"const": {"__proto__": {"polluted": True}, "constructor": {"prototype": {"polluted": 1}}}}
    ),
    "additional properties named __proto__": one(
        {"properties": {"__proto__": {"type": "string"}}, "required": ["__proto__"], "additionalProperties": False}
    ),
    "a discriminator named __proto__": one(
        {"oneOf": [REF], "discriminator": {"propertyName": "__proto__", "mapping": {TRIP: "A", "__proto__": "A"}}},
        A={"type": "object"},
    ),
    "a path that is a pattern": one({"type": "string"}, path="/(a+)+$|.*[^/]{1,}\\"),
    "a path with quotes": one({"type": "string"}, path=f"/\"'`{{a}}{{b'\"}}/../../{TRIP}"),
    "a path above its folder": one({"type": "string"}, path="/../../../../etc/passwd"),
    "a path without a slash": one({"type": "string"}, path=f"{TRIP}"),
    "a path with braces that do not close": one({"type": "string"}, path="/{a/{b}}/{}/{{c}"),
    "a path with a parameter of the router": one({"type": "string"}, path="/:a(.*)/*/:b+?"),
    "a reference to itself": one(REF, A=REF),
    "references in a ring": one(REF, A={"$ref": "#/components/schemas/B"}, B=REF),
    "a reference with code in it": one({"$ref": f'#/components/schemas/A"];{TRIP};//'}),
    "a reference to the root": one({"$ref": "#"}),
    "a reference to a file": one({"$ref": "file:///etc/passwd"}),
    "a reference to an address": one({"$ref": "http://127.0.0.1:9/x.json#/a"}),
    "a reference that is no text": one({"$ref": {"a": TRIP}, "type": "string"}),
    "a reference into a prototype": one({"$ref": "#/components/schemas/__proto__/toString"}),
    "a reference into a constructor": one({"$ref": "#/constructor/prototype"}),
    "a broken escape in a reference": one({"$ref": "#/components/schemas/%E0%A4%A"}),
    "an enum of 20,000 values": one({"enum": [f"{i}'\"{TRIP}" for i in range(20_000)]}),
    "an enum of everything": one({"enum": [None, True, 1, -1.5, 1e300, "a", [TRIP], {"a": TRIP}, [], {}]}),
    "an enum that is no list": one({"enum": TRIP}),
    "nesting": one(nested(80)),
    "numbers out of range": one({"type": "integer", "minimum": 1e300, "maximum": -1e300, "multipleOf": 1e-300}),
    "huge least counts": one({"type": "array", "items": {"type": "string", "minLength": 2**52}, "minItems": 2**52}),
    "what requires itself": one(REF, A={"type": "object", "required": ["a"], "properties": {"a": REF}}),
    "what doubles at each step": one(
        {"$ref": "#/components/schemas/S0"},
        **{f"S{i}": {"properties": {n: {"$ref": f"#/components/schemas/S{i + 1}"} for n in "ab"}} for i in range(30)},
        S30={"type": "string"},
    ),
    "schemas that are no schemas": one([TRIP], A=TRIP, B=1, C=[{"type": TRIP}]),
    "properties that are a list": one({"type": "object", "properties": [TRIP], "allOf": {"a": TRIP}, "items": [TRIP]}),
    "names of objects as names": one(
        {"type": "object", "required": list(NAMES), "properties": {name: {"type": "string"} for name in NAMES}},
        **{name: {"type": "string"} for name in NAMES},
    ),
    "methods that are code": {
        **one({"type": "string"}),
        "paths": {"/x": {TRIP: {"responses": {}}, "__proto__": {"get": {"responses": {"200": {}}}}}},
    },
    "statuses that are code": {
        **one({"type": "string"}),
        "paths": {"/x": {"get": {"responses": {f"200:{TRIP}": {}, "2XX": {}, "__proto__": {}, "99": {}, "OK": {}}}}},
    },
    "3.0 with booleans as bounds of text": one(
        {"minimum": TRIP, "exclusiveMinimum": True, "nullable": TRIP}, version="3.0.3"
    ),
    "a version that is code": {**one({"type": "string"}), "openapi": f"3.1.0*/{TRIP}"},
}

DOCUMENTS: dict[str, Document] = {**{name: everywhere(text) for name, text in TEXTS.items()}, **SINGLE}
