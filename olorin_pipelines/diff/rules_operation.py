"""Which rules judge everything but schemas? Paths, operations, parameters, bodies, responses, properties, security."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from olorin_pipelines.diff.change import UNSHOWN, Place
from olorin_pipelines.diff.inversion import COMPATIBLE
from olorin_pipelines.diff.rule import Rule, Severity
from olorin_pipelines.diff.rules_schema import placed

__all__ = ["OPERATION_RULES"]

_B, _W, _I = Severity.BREAKING, Severity.WARNING, Severity.INFO
_NEW_VERSION = "keep it, or take the change into a new version of the operation"
_OK = {"responses": {"200": {"description": "done"}}}
_TEXT = {"type": "string"}
Doc = Mapping[str, Any]


def _paths(**paths: Any) -> Doc:
    return {"paths": {f"/{name}": item for name, item in paths.items()}}


def _op(**fields: Any) -> Doc:
    return _paths(orders={"post": {**_OK, **fields}})


def _parameter(**fields: Any) -> Doc:
    return _op(parameters=[{"name": "limit", "in": "query", "schema": _TEXT, **fields}])


def _body(**fields: Any) -> Doc:
    return _op(requestBody={"content": {"application/json": {}}, **fields})


def _answer(*statuses: str, **fields: Any) -> Doc:
    return _op(responses={status: {"description": "an answer", **fields} for status in ("200", *statuses)})


def _content(*names: str, **fields: Any) -> Doc:
    return {"content": {name: dict(fields) for name in names}}


def _multipart(types: str) -> Doc:
    return _content("multipart/form-data", encoding={"photo": {"contentType": types}})


def _ends(year: int) -> dict[str, Any]:
    """An operation that is deprecated and ends in this year."""
    return {"deprecated": True, "x-sunset": f"{year}-06-30", **_OK}


def _version(number: str, kind: str) -> Doc:
    return {**placed(Place.REQUEST_BODY, {"type": kind}), "info": {"title": "example", "version": number}}


def _part(types: str) -> Doc:
    return _body(**_multipart(types))


def _header(**fields: Any) -> Doc:
    return _answer(headers={"X-Left": {"schema": _TEXT, **fields}})


def _object(place: Place, *required: str, closed: bool = False, **properties: Any) -> Doc:
    schema: dict[str, Any] = {"type": "object", "properties": {"id": _TEXT, **properties}}
    if required:
        schema["required"] = list(required)
    if closed:
        schema["additionalProperties"] = False
    return placed(place, schema)


def _security(*alternatives: Any, **scheme: Any) -> Doc:
    schemes = {"key": {"type": "apiKey", "in": "header", "name": "X-Key", **scheme}, "oauth": {"type": "openIdConnect"}}
    return {**_op(security=list(alternatives)), "components": {"securitySchemes": schemes}}


_REQ, _RES = Place.REQUEST_BODY, Place.RESPONSE_BODY
_GET = {"get": _OK}
_GONE = {"deprecated": True, **_OK}
_WITH_DEFAULT = {"type": "string", "default": "a"}
_KEPT = _paths(health=_GET)
_MINE = {
    "paths": {
        "/orders/{id}": {
            "get": {**_OK, "parameters": [{"name": "id", "in": "path", "required": True, "schema": _TEXT}]}
        }
    }
}

# id, severity, says, why, fix, mirror, before, after
_TABLE: tuple[tuple[str, Severity, str, str, str, str, Doc, Doc], ...] = (
    # paths and operations
    ("api-path-removed-without-deprecation", _B, "{subject} was removed ({before})", "every call of it fails",
     "deprecate its operations first, and keep them until nobody calls them", "endpoint-added",
     _paths(health=_GET, orders={"get": _OK, "post": _OK}), _KEPT),
    ("api-path-removed-with-deprecation", _W, "{subject}, deprecated before, was removed ({before})",
     "who still calls it fails; it was announced", "make sure that nobody calls it any more", "endpoint-added",
     _paths(health=_GET, orders={"get": _GONE, "post": _GONE}), _KEPT),
    ("api-removed-without-deprecation", _B, "{subject} was removed", "every call of it fails",
     "deprecate it first, and keep it until nobody calls it", "endpoint-added",
     _paths(health=_GET, orders={"post": _OK}), _KEPT),
    ("api-removed-with-deprecation", _W, "{subject}, deprecated before, was removed",
     "who still calls it fails; it was announced", "make sure that nobody calls it any more", "endpoint-added",
     _paths(health=_GET, orders={"post": _GONE}), _KEPT),
    ("api-path-removed-before-sunset", _B, "{subject} was removed before the day it was announced to end ({before})",
     "consumers counted on the time that was left", "keep it until its sunset date", "endpoint-added",
     _paths(health=_GET, orders={"get": _ends(2999), "post": _ends(2999)}), _KEPT),
    ("api-path-removed-after-sunset", _I, "{subject} was removed after the day it was announced to end ({before})",
     "it was announced, and the day has come", "", "endpoint-added",
     _paths(health=_GET, orders={"get": _ends(2001), "post": _ends(2001)}), _KEPT),
    ("api-removed-before-sunset", _B, "{subject} was removed before the day it was announced to end",
     "consumers counted on the time that was left", "keep it until its sunset date", "endpoint-added",
     _paths(health=_GET, orders={"post": _ends(2999)}), _KEPT),
    ("api-removed-after-sunset", _I, "{subject} was removed after the day it was announced to end",
     "it was announced, and the day has come", "", "endpoint-added",
     _paths(health=_GET, orders={"post": _ends(2001)}), _KEPT),
    ("endpoint-deprecated-with-sunset", _I, "{subject} was deprecated, it ends on {after}", "it works until then", "",
     "endpoint-reactivated", _op(), _op(**_ends(2999))),
    ("sunset-deleted", _W, "{subject}, deprecated, lost its sunset date {before}", "consumers planned with the day",
     "keep `x-sunset`, or take the deprecation back", "sunset-added", _op(**_ends(2999)), _op(deprecated=True)),
    ("sunset-added", _I, "{subject}, deprecated, got the sunset date {after}", "consumers can plan now", "",
     "sunset-deleted", _op(deprecated=True), _op(**_ends(2999))),
    ("api-sunset-date-changed-too-small", _W, "the sunset of {subject} was moved from {before} to {after}",
     "consumers counted on the time that was left", "keep the day, or a later one", "api-sunset-date-postponed",
     _op(**_ends(2999)), _op(**_ends(2998))),
    ("api-sunset-date-postponed", _I, "the sunset of {subject} was moved from {before} to {after}",
     "consumers have more time", "", "api-sunset-date-changed-too-small", _op(**_ends(2998)), _op(**_ends(2999))),
    ("api-deprecated-sunset-parse", _W, "the sunset of {subject}, {after}, is no date", "consumers cannot plan",
     "write `x-sunset` as 2027-03-31", "sunset-deleted",
     _op(deprecated=True), _op(**{**_ends(2999), "x-sunset": "soon"})),
    ("api-stability-decreased", _W, "the stability of {subject} went from {before} to {after}",
     "consumers chose by it what to rely on", "keep the level, or deprecate with a sunset date",
     "api-stability-increased", _op(), _op(**{"x-stability-level": "beta"})),
    ("api-stability-increased", _I, "the stability of {subject} went from {before} to {after}",
     "consumers can rely on it more", "", "api-stability-decreased", _op(**{"x-stability-level": "beta"}), _op()),
    ("api-invalid-stability-level", _W, "the stability of {subject}, {before} or {after}, is no level",
     "nobody can tell what to rely on", "write draft, alpha, beta or stable", "api-invalid-stability-level",
     _op(), _op(**{"x-stability-level": "soon"})),
    ("api-version-not-bumped", _I, "something breaks, and the {subject} stayed {before}",
     "by Semantic Versioning a break needs a new major version", "raise the major version", "api-version-not-bumped",
     _version("1.2.0", "string"), _version("1.2.0", "integer")),
    ("api-version-decreased", _I, "something breaks, and the {subject} went down from {before} to {after}",
     "by Semantic Versioning a break needs a new major version", "raise the major version",
     "api-major-version-not-bumped", _version("1.2.0", "string"), _version("1.1.0", "integer")),
    ("api-major-version-not-bumped", _I, "something breaks, and the {subject} only went from {before} to {after}",
     "by Semantic Versioning a break needs a new major version", "raise the major version", "api-version-decreased",
     _version("1.1.0", "string"), _version("1.2.0", "integer")),
    ("endpoint-added", _I, "{subject} was added", "nobody calls it yet", "", "api-removed-without-deprecation",
     _KEPT, _paths(health=_GET, orders={"post": _OK})),
    ("endpoint-deprecated", _I, "{subject} was deprecated", "it still works", "", "endpoint-reactivated",
     _op(), _op(deprecated=True)),
    ("endpoint-reactivated", _I, "{subject} is no longer deprecated", "it still works", "", "endpoint-deprecated",
     _op(deprecated=True), _op()),
    ("api-operation-id-removed", _I, "the operationId of {subject} was {before} and is {after}",
     "generated clients name their functions by it; calls are the same", "", "api-operation-id-added",
     _op(operationId="order"), _op()),
    ("api-operation-id-added", _I, "{subject} got the operationId {after}", "calls are the same", "",
     "api-operation-id-removed", _op(), _op(operationId="order")),
    ("api-servers-changed", _I, "the servers changed from {before} to {after}",
     "where it is served is decided by the deployment", "", "api-servers-changed",
     {**_KEPT, "servers": [{"url": "/v1"}]}, {**_KEPT, "servers": [{"url": "/v2"}]}),
    # parameters
    ("new-required-request-parameter", _B, "the required {subject} was added", "calls without it are refused",
     "make it optional", "request-parameter-removed", _op(), _parameter(required=True)),
    ("new-request-path-parameter", _B, "the {subject} was declared", "its values were not restricted before",
     "declare it as it was accepted", "request-parameter-removed",
     {"paths": {"/orders/{id}": {"get": _OK}}}, _MINE),
    ("new-optional-request-parameter", _I, "the optional {subject} was added", "calls without it are the same", "",
     "request-parameter-removed", _op(), _parameter()),
    ("request-parameter-removed", _W, "the {subject} was removed", "calls with it are no longer answered as before",
     "go on reading it", "new-optional-request-parameter", _parameter(), _op()),
    ("request-parameter-became-required", _B, "the {subject} became required", "calls without it are refused",
     "keep it optional", "request-parameter-became-optional", _parameter(), _parameter(required=True)),
    ("request-parameter-became-optional", _I, "the {subject} became optional", "calls with it are the same", "",
     "request-parameter-became-required", _parameter(required=True), _parameter()),
    ("request-parameter-location-changed", _B, "the {subject} is now sent in {after}, not in {before}",
     "it is looked for where consumers do not send it", "read both for a while", "request-parameter-location-changed",
     _parameter(), _parameter(**{"in": "header"})),
    ("request-parameter-serialization-changed", _B, "the {subject} is written {after}, not {before}",
     "its value is read in another way than consumers write it", "keep style, explode and what is allowed in it",
     "request-parameter-serialization-changed", _parameter(), _parameter(explode=False)),
    ("request-parameter-deprecated", _I, "the {subject} was deprecated", "it still works", "",
     "request-parameter-reactivated", _parameter(), _parameter(deprecated=True)),
    ("request-parameter-reactivated", _I, "the {subject} is no longer deprecated", "it still works", "",
     "request-parameter-deprecated", _parameter(deprecated=True), _parameter()),
    # request body
    ("request-body-added-required", _B, "a required {subject} was added", "calls without it are refused",
     "make it optional", "request-body-removed", _op(), _body(required=True)),
    ("request-body-added-optional", _I, "an optional {subject} was added", "calls without it are the same", "",
     "request-body-removed", _op(), _body()),
    ("request-body-removed", _B, "the {subject} was removed", "what consumers send is refused or ignored",
     _NEW_VERSION, "request-body-added-optional", _body(), _op()),
    ("request-body-became-required", _B, "the {subject} became required", "calls without it are refused",
     "keep it optional", "request-body-became-optional", _body(), _body(required=True)),
    ("request-body-became-optional", _I, "the {subject} became optional", "calls with it are the same", "",
     "request-body-became-required", _body(required=True), _body()),
    ("request-body-media-type-removed", _B, "the {subject} was removed", "who sends it is refused", _NEW_VERSION,
     "request-body-media-type-added", _body(**_content("application/json", "text/csv")), _body()),
    ("request-body-media-type-added", _I, "the {subject} was added", "what was accepted still is", "",
     "request-body-media-type-removed", _body(), _body(**_content("application/json", "text/csv"))),
    ("request-body-media-type-schema-added", _B, "the {subject} got a schema", "anything was valid before",
     _NEW_VERSION, "request-body-media-type-schema-removed", _body(),
     _body(**_content("application/json", schema=_TEXT))),
    ("request-body-media-type-schema-removed", _I, "the {subject} lost its schema", "anything is valid now", "",
     "request-body-media-type-schema-added", _body(**_content("application/json", schema=_TEXT)), _body()),
    ("request-body-encoding-narrowed", _B, "{subject}: {before} became {after}",
     "who sends one of the content types that went is refused", "go on reading it", "request-body-encoding-widened",
     _part("image/png, image/jpeg"), _part("image/png")),
    ("request-body-encoding-widened", _I, "{subject}: {before} became {after}", "what was read still is", "",
     "request-body-encoding-narrowed", _part("image/png"), _part("image/png, image/jpeg")),
    ("response-body-encoding-widened", _B, "{subject}: {before} became {after}",
     "consumers may get a content type they were never told about", _NEW_VERSION, "response-body-encoding-narrowed",
     _answer(**_multipart("image/png")), _answer(**_multipart("image/png, image/jpeg"))),
    ("response-body-encoding-narrowed", _I, "{subject}: {before} became {after}", "consumers get what they know", "",
     "response-body-encoding-widened",
     _answer(**_multipart("image/png, image/jpeg")), _answer(**_multipart("image/png"))),
    # properties of requests
    ("new-required-request-property", _B, "the required {subject} was added", "calls without it are refused",
     "make it optional", "request-property-removed", _object(_REQ), _object(_REQ, "new", new=_TEXT)),
    ("new-required-request-property-with-default", _B, "the required {subject} was added, with a default",
     "it is required, so calls without it are refused", "make it optional: the default then holds",
     "request-property-removed", _object(_REQ), _object(_REQ, "new", new=_WITH_DEFAULT)),
    ("new-optional-request-property", _I, "the optional {subject} was added", "calls without it are the same", "",
     "request-property-removed", _object(_REQ), _object(_REQ, new=_TEXT)),
    ("request-property-removed", _W, "the {subject} was removed", "what consumers send in it is ignored",
     "go on reading it", "new-optional-request-property", _object(_REQ, new=_TEXT), _object(_REQ)),
    ("request-property-removed-from-closed-object", _B, "the {subject} was removed, and no other is allowed",
     "calls with it are refused", "go on accepting it", "new-optional-request-property",
     _object(_REQ, closed=True, new=_TEXT), _object(_REQ, closed=True)),
    ("request-property-became-required", _B, "the {subject} became required", "calls without it are refused",
     "keep it optional", "request-property-became-optional", _object(_REQ), _object(_REQ, "id")),
    ("request-property-became-required-with-default", _B, "the {subject} became required, with a default",
     "it is required, so calls without it are refused", "keep it optional: the default then holds",
     "request-property-became-optional", _object(_REQ, new=_WITH_DEFAULT), _object(_REQ, "new", new=_WITH_DEFAULT)),
    ("request-property-became-optional", _I, "the {subject} became optional", "calls with it are the same", "",
     "request-property-became-required", _object(_REQ, "id"), _object(_REQ)),
    ("request-property-deprecated", _I, "the {subject} was deprecated", "it still works", "",
     "request-property-reactivated", _object(_REQ, new=_TEXT), _object(_REQ, new={**_TEXT, "deprecated": True})),
    ("request-property-reactivated", _I, "the {subject} is no longer deprecated", "it still works", "",
     "request-property-deprecated", _object(_REQ, new={**_TEXT, "deprecated": True}), _object(_REQ, new=_TEXT)),
    # properties of responses
    ("response-required-property-removed", _B, "the required {subject} was removed", "consumers count on it",
     _NEW_VERSION, "response-required-property-added", _object(_RES, "new", new=_TEXT), _object(_RES)),
    ("response-optional-property-removed", _W, "the optional {subject} was removed",
     "consumers may use it where it is there", _NEW_VERSION, "response-optional-property-added",
     _object(_RES, new=_TEXT), _object(_RES)),
    ("response-required-property-added", _I, "the {subject} was added", "consumers ignore what they do not know", "",
     "response-required-property-removed", _object(_RES), _object(_RES, "new", new=_TEXT)),
    ("response-optional-property-added", _I, "the optional {subject} was added",
     "consumers ignore what they do not know", "", "response-optional-property-removed",
     _object(_RES), _object(_RES, new=_TEXT)),
    ("response-property-added-to-closed-object", _W, "the {subject} was added, where no other was allowed",
     "consumers that validate against the old schema refuse the answer", "leave objects of responses open",
     "response-optional-property-removed", _object(_RES, closed=True), _object(_RES, closed=True, new=_TEXT)),
    ("response-property-became-optional", _B, "the {subject} may now be missing", "consumers count on it",
     "go on sending it always", "response-property-became-required", _object(_RES, "id"), _object(_RES)),
    ("response-property-became-required", _I, "the {subject} is now always there", "consumers get what they know", "",
     "response-property-became-optional", _object(_RES), _object(_RES, "id")),
    ("response-property-deprecated", _I, "the {subject} was deprecated", "it is still sent", "",
     "response-property-reactivated", _object(_RES, new=_TEXT), _object(_RES, new={**_TEXT, "deprecated": True})),
    ("response-property-reactivated", _I, "the {subject} is no longer deprecated", "it is still sent", "",
     "response-property-deprecated", _object(_RES, new={**_TEXT, "deprecated": True}), _object(_RES, new=_TEXT)),
    # responses
    ("response-success-status-removed", _B, "the {subject} was removed", "consumers wait for it", _NEW_VERSION,
     "response-success-status-added", _answer("201"), _answer()),
    ("response-success-status-added", _I, "the {subject} was added", "the answers known until now remain", "",
     "response-success-status-removed", _answer(), _answer("201")),
    ("response-non-success-status-removed", _I, "the {subject} was removed", "one error less", "",
     "response-non-success-status-added", _answer("409"), _answer()),
    ("response-non-success-status-added", _I, "the {subject} was added", "the answers known until now remain", "",
     "response-non-success-status-removed", _answer(), _answer("409")),
    ("response-media-type-removed", _B, "the {subject} was removed", "who asks for it gets nothing it can read",
     _NEW_VERSION, "response-media-type-added",
     _answer(**_content("application/json", "text/csv")), _answer(**_content("application/json"))),
    ("response-media-type-added", _I, "the {subject} was added", "consumers say what they accept", "",
     "response-media-type-removed",
     _answer(**_content("application/json")), _answer(**_content("application/json", "text/csv"))),
    ("response-body-media-type-schema-added", _I, "the {subject} got a schema", "consumers knew nothing about it", "",
     "response-body-media-type-schema-removed",
     _answer(**_content("application/json")), _answer(**_content("application/json", schema=_TEXT))),
    ("response-body-media-type-schema-removed", _B, "the {subject} lost its schema", "anything may be answered now",
     "describe what is answered", "response-body-media-type-schema-added",
     _answer(**_content("application/json", schema=_TEXT)), _answer(**_content("application/json"))),
    ("required-response-header-removed", _B, "the required {subject} was removed", "consumers count on it",
     _NEW_VERSION, "response-header-added", _header(required=True), _answer()),
    ("optional-response-header-removed", _W, "the optional {subject} was removed",
     "consumers may use it where it is there", _NEW_VERSION, "response-header-added", _header(), _answer()),
    ("response-header-added", _I, "the {subject} was added", "consumers ignore what they do not know", "",
     "optional-response-header-removed", _answer(), _header()),
    ("response-header-became-optional", _B, "the {subject} may now be missing", "consumers count on it",
     "go on sending it always", "response-header-became-required", _header(required=True), _header()),
    ("response-header-became-required", _I, "the {subject} is now always there", "consumers get what they know", "",
     "response-header-became-optional", _header(), _header(required=True)),
    # security
    ("api-security-added", _B, "{subject}: callers now need {after}", "calls without it are refused",
     "let callers without it through for a while", "api-security-removed", _security(), _security({"key": []})),
    ("api-security-removed", _I, "{subject}: callers no longer need {before}", "calls with it still work", "",
     "api-security-added", _security({"key": []}), _security()),
    ("api-security-alternative-removed", _B, "{subject}: {before} became {after}",
     "who authenticates in the way that was removed is refused", "keep the way that was removed for a while",
     "api-security-alternative-added", _security({"key": []}, {"oauth": []}), _security({"key": []})),
    ("api-security-alternative-added", _I, "{subject}: {before} became {after}", "the ways known until now remain", "",
     "api-security-alternative-removed", _security({"key": []}), _security({"key": []}, {"oauth": []})),
    ("api-security-scope-added", _B, "{subject}: {before} became {after}", "tokens without the scope are refused",
     "accept tokens without it until all have it", "api-security-scope-removed",
     _security({"oauth": ["read"]}), _security({"oauth": ["read", "write"]})),
    ("api-security-scope-removed", _I, "{subject}: {before} became {after}", "the tokens in use still suffice", "",
     "api-security-scope-added", _security({"oauth": ["read", "write"]}), _security({"oauth": ["read"]})),
    ("api-security-component-type-changed", _B, "{subject} changed from {before} to {after}",
     "consumers authenticate in the old way", "add a second scheme instead", "api-security-component-type-changed",
     _security({"key": []}), _security({"key": []}, name="X-Other")),
    # webhooks and the rest
    ("webhook-added", _I, "{subject} was added", "nobody has subscribed to it yet", "", "webhook-removed",
     _KEPT, {**_KEPT, "webhooks": {"paid": {"post": _OK}}}),
    ("webhook-removed", _B, "{subject} was removed", "consumers wait for it", "keep sending it", "webhook-added",
     {**_KEPT, "webhooks": {"paid": {"post": _OK}}}, _KEPT),
    (COMPATIBLE, _I, "{subject} changed from {before} to {after}", "it asks nothing new of who answers", "",
     UNSHOWN, {**_KEPT, "webhooks": {"paid": {"post": _OK}}},
     {**_KEPT, "webhooks": {"paid": {"post": {"responses": {**_OK["responses"], "202": {"description": "later"}}}}}}),
    (UNSHOWN, _B, "{subject} changed from {before} to {after}: this cannot be shown to be compatible",
     "its effect on consumers is not understood here, and what is not understood counts as breaking",
     "avoid the change, or approve this finding after a look at it", UNSHOWN,
     placed(_REQ, {"type": "string", "contentEncoding": "base64"}),
     placed(_REQ, {"type": "string", "contentEncoding": "base32"})),
)  # fmt: skip

OPERATION_RULES: tuple[Rule, ...] = tuple(
    Rule(id=id_, severity=severity, says=says, why=why, fix=fix, mirror=mirror, before=before, after=after)
    for id_, severity, says, why, fix, mirror, before, after in _TABLE
)
