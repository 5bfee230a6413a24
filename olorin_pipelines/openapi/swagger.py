"""How does a Swagger 2.0 document read as OpenAPI 3.0? A pure rewriting; what 2.0 cannot say is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["upgraded"]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_REFS = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
_OF_SCHEMA = (
    *("type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "enum"),
    *("maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "multipleOf", "x-nullable"),
)
"""What a parameter or header says about its value, beside what it says about itself."""
_STYLES = {
    "csv": ("form", False),
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "pipes": ("pipeDelimited", False),
}
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_JSON = ("application/json",)


def upgraded(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same API as an OpenAPI 3.0 document (Swagger 2.0 specification, fields in its order)."""
    api = _Api(document)
    kept = {key: value for key, value in document.items() if key in ("info", "tags", "externalDocs", "security")}
    extensions = {key: value for key, value in document.items() if str(key).startswith("x-")}
    servers = list(_servers(document))
    listed = {"servers": servers} if servers else {}
    return {"openapi": "3.0.3", **kept, **extensions, **listed, **api.parts()}


def _servers(document: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    base, host = str(document.get("basePath") or ""), document.get("host")
    if host:
        yield from ({"url": f"{scheme}://{host}{base}"} for scheme in _names(document, "schemes") or ("https",))
    elif base:
        yield {"url": base}


class _Api:
    """The rewriting of one document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._shared = _mapping(document, "parameters")

    def parts(self) -> dict[str, Any]:
        paths = _mapping(self._document, "paths")
        parameters = {n: p for n, p in self._shared.items() if isinstance(p, Mapping) and p.get("in") not in _BODY}
        components = {
            "schemas": {name: _schema(schema) for name, schema in _mapping(self._document, "definitions").items()},
            "parameters": {name: self._parameter(one) for name, one in parameters.items()},
            "responses": {n: self._response(r, _JSON) for n, r in _mapping(self._document, "responses").items()},
            "securitySchemes": {n: _scheme(s) for n, s in _mapping(self._document, "securityDefinitions").items()},
        }
        return {
            "paths": {path: self._path_item(item) for path, item in paths.items()},
            "components": {key: value for key, value in components.items() if value},
        }

    def _path_item(self, item: Any) -> Any:
        if not isinstance(item, Mapping):
            return item
        shared = _listed(item)
        found: dict[str, Any] = {}
        for key, value in item.items():
            if key in _METHODS and isinstance(value, Mapping):
                found[key] = self._operation(value, shared)
            elif key != "parameters":
                found[key] = value
        plain = [one for one in shared if self._resolved(one).get("in") not in _BODY]
        return {**found, "parameters": [self._parameter(one) for one in plain]} if plain else found

    def _operation(self, operation: Mapping[str, Any], shared: list[Any]) -> dict[str, Any]:
        own = _listed(operation)
        left = {"parameters", "responses", "consumes", "produces", "schemes"}
        found = {key: value for key, value in operation.items() if key not in left}
        plain = [one for one in own if self._resolved(one).get("in") not in _BODY]
        if plain:
            found["parameters"] = [self._parameter(one) for one in plain]
        sent = [one for raw in (*own, *shared) if (one := self._resolved(raw)).get("in") in _BODY]
        if body := self._body(sent, operation):
            found["requestBody"] = body
        produces = _names(operation, "produces") or _names(self._document, "produces") or _JSON
        responses = operation.get("responses")
        if isinstance(responses, Mapping):
            found["responses"] = {status: self._response(one, produces) for status, one in responses.items()}
        return found

    def _resolved(self, parameter: Any) -> Mapping[str, Any]:
        if isinstance(parameter, Mapping) and isinstance(ref := parameter.get("$ref"), str):
            parameter = self._shared.get(ref.removeprefix("#/parameters/"))
        return parameter if isinstance(parameter, Mapping) else {}

    def _parameter(self, parameter: Any) -> Any:
        if not isinstance(parameter, Mapping) or "$ref" in parameter:
            return _refs(parameter)
        left = {*_OF_SCHEMA, "collectionFormat", "allowEmptyValue"}
        found = {key: value for key, value in parameter.items() if key not in left}
        if parameter.get("type") == "array":
            found["style"], found["explode"] = _style(parameter)
        return {**found, "schema": _value(parameter)}

    def _body(self, sent: list[Mapping[str, Any]], operation: Mapping[str, Any]) -> dict[str, Any] | None:
        consumes = _names(operation, "consumes") or _names(self._document, "consumes") or _JSON
        for parameter in sent:
            if parameter.get("in") == "body":
                media = {"schema": _schema(parameter.get("schema", {}))}
                return {
                    "content": {str(name): media for name in consumes},
                    **({"required": True} if parameter.get("required") is True else {}),
                    **({"description": parameter["description"]} if "description" in parameter else {}),
                }
        if not sent:
            return None
        required = [one["name"] for one in sent if one.get("required") is True and "name" in one]
        schema = {
            "type": "object",
            "properties": {str(one.get("name")): _value(one) for one in sent},
            **({"required": required} if required else {}),
        }
        files = any(one.get("type") == "file" for one in sent)
        named = [name for name in consumes if "form" in str(name)]
        default = "multipart/form-data" if files else "application/x-www-form-urlencoded"
        content = {str(name): {"schema": schema} for name in named or (default,)}
        return {"content": content, **({"required": True} if required else {})}

    def _response(self, response: Any, produces: Any) -> Any:
        if not isinstance(response, Mapping) or "$ref" in response:
            return _refs(response)
        found = {key: value for key, value in response.items() if key not in ("schema", "headers", "examples")}
        if "schema" in response:
            schema = _schema(response["schema"])
            found["content"] = {str(name): {"schema": schema} for name in produces}
        if headers := _mapping(response, "headers"):
            found["headers"] = {name: _header(header) for name, header in headers.items()}
        return found


_BODY = ("body", "formData")
_OF_NAMES = ("properties", "patternProperties", "definitions")
"""Keys below which any word is a name: a property may be called `default` or `discriminator`."""


def _mapping(node: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = node.get(key)
    return value if isinstance(value, Mapping) else {}


def _names(owner: Mapping[str, Any], key: str) -> list[str]:
    """Return the texts of a list; what is no list is told as a problem and read as none."""
    value = owner.get(key)
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []


def _listed(owner: Mapping[str, Any]) -> list[Any]:
    value = owner.get("parameters")
    return value if isinstance(value, list) else []


def _style(parameter: Mapping[str, Any]) -> tuple[str, bool]:
    style, explode = _STYLES.get(str(parameter.get("collectionFormat", "csv")), ("form", False))
    if style == "form" and parameter.get("in") in ("path", "header"):
        style = "simple"
    return style, explode


def _value(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = {key: value for key, value in parameter.items() if key in _OF_SCHEMA}
    if schema.get("type") == "file":
        schema = {**schema, "type": "string", "format": "binary"}
    found = _schema(schema)
    return found if isinstance(found, dict) else {}


def _header(header: Any) -> Any:
    if not isinstance(header, Mapping):
        return header
    found = {key: value for key, value in header.items() if key not in _OF_SCHEMA and key != "collectionFormat"}
    return {**found, "schema": _value(header)}


def _schema(schema: Any) -> Any:
    """Rewrite a schema: references, `x-nullable`, and a discriminator that is only a name."""
    if isinstance(schema, list):
        return [_schema(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "$ref" and isinstance(value, str):
            found[key] = _moved(value)
        elif key == "x-nullable":
            found["nullable"] = value
        elif key == "discriminator" and isinstance(value, str):
            found[key] = {"propertyName": value}
        elif key in _OF_NAMES and isinstance(value, Mapping):
            found[key] = {name: _schema(one) for name, one in value.items()}
        elif key in ("enum", "default", "example", "x-example"):
            found[key] = value
        else:
            found[key] = _schema(value)
    if found.get("type") == "file":
        found["type"], found["format"] = "string", "binary"
    return found


def _refs(node: Any) -> Any:
    return {**node, "$ref": _moved(str(node["$ref"]))} if isinstance(node, Mapping) and "$ref" in node else node


def _moved(ref: str) -> str:
    for old, new in _REFS.items():
        if ref.startswith(old):
            return new + ref.removeprefix(old)
    return ref


def _scheme(scheme: Any) -> Any:
    if not isinstance(scheme, Mapping):
        return scheme
    if scheme.get("type") == "basic":
        return {**scheme, "type": "http", "scheme": "basic"}
    if scheme.get("type") != "oauth2":
        return dict(scheme)
    parts = {key: scheme[key] for key in ("authorizationUrl", "tokenUrl") if key in scheme}
    flow = str(scheme.get("flow"))
    kept = {key: value for key, value in scheme.items() if key not in ("flow", "scopes", *parts)}
    return {**kept, "flows": {_FLOWS.get(flow, flow): {**parts, "scopes": scheme.get("scopes") or {}}}}
