"""Is an answer one that the document allows? Status, headers, content type and body of a single response."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

import orjson

from olorin_pipelines.contract.judge.exchange import FILTERED, Violation
from olorin_pipelines.contract.judge.inputs import Kinds, text_value
from olorin_pipelines.contract.judge.promise import promise, schema_text, shortly
from olorin_pipelines.contract.judge.schemas import Schemas, is_lenient
from olorin_pipelines.contract.samples import resolve

__all__ = ["Answers", "documented_as", "escape", "is_json", "media_of"]

_WITHOUT_BODY = (204, 205, 304)
_SMALL, _MOST = 1_024, 4_096
"""Bytes of a body that is worth remembering as good, and how many are: refusals are mostly alike."""


class Answers:
    """Judges answers against one document."""

    def __init__(self, document: Mapping[str, Any], schemas: Schemas | None = None) -> None:
        self._document = document
        self._schemas, self._kinds = schemas or Schemas(document), Kinds(document)
        self._keep: set[tuple[str, bytes]] = set()
        self._accepted: set[tuple[str, str]] = set()

    def explain(self, name: str, value: Any) -> None:
        """Remember a wrong value that was accepted under a name: given back later, it is no second failure."""
        self._accepted.add((name, repr(value)))

    def violations(
        self,
        operation: Mapping[str, Any],
        pointer: str,
        status: int,
        headers: Mapping[str, str],
        body: bytes | None,
    ) -> list[Violation]:
        """Return what is wrong with an answer to `operation` at `pointer` (`/paths/~1x/get`), the worst first.

        Names of `headers` are lower case. `body` is None when it is not known, or when there can be none (HEAD): then
        it is not judged. Values of the answer are left out: they are production data. Raises ValueError when a
        schema cannot be used.
        """
        responses = operation.get("responses") or {}
        if status >= 500:
            said = f"answered {status}"
            return [_about("server_error", said, "5xx", f"{pointer}/responses", "no answer of 5xx", str(status))]
        name = documented_as(responses, status)
        if name is None:
            listed = ", ".join(map(str, responses))
            said = f"status {status} is not documented ({listed} are)"
            at = f"{pointer}/responses"
            return [_about("status_documented", said, str(status), at, f"one of {listed}", str(status))]
        response, pointer = self._follow(responses[name], f"{pointer}/responses/{name}")
        found = list(self._headers(response, pointer, headers, status))
        if body is not None and status not in _WITHOUT_BODY:
            kind = headers.get("content-type", "").partition(";")[0].strip().lower()
            found += self._content(response.get("content") or {}, pointer, kind, body, status)
        return found

    def faults(
        self, operation: Mapping[str, Any], pointer: str, status: int, content_type: str, body: bytes
    ) -> tuple[Violation, ...]:
        """Return what is wrong with the status, the content type or the body of an answer, and decides."""
        found = self.violations(operation, pointer, status, {"content-type": content_type}, body)
        return tuple(each for each in found if each.check != "response_headers" and not each.advisory)

    def _follow(self, node: Any, pointer: str) -> tuple[Mapping[str, Any], str]:
        """A response or a header may be a reference: return it and its own place."""
        for _ in range(32):
            if not isinstance(node, Mapping) or "$ref" not in node:
                break
            pointer = unquote(str(node["$ref"])).removeprefix("#")
            node = resolve(self._document, {"$ref": node["$ref"]})
        return (node if isinstance(node, Mapping) else {}), pointer

    def _headers(
        self, response: Mapping[str, Any], pointer: str, headers: Mapping[str, str], status: int
    ) -> Iterator[Violation]:
        for name, node in (response.get("headers") or {}).items():
            header, place = self._follow(node, f"{pointer}/headers/{escape(name)}")
            sent = headers.get(name.lower())
            if name.lower() == "content-type":  # OpenAPI: described by `content`, to be ignored here
                continue
            if sent is None:
                if header.get("required"):
                    said = f"the header {name} is missing from {status}"
                    yield _about("response_headers", said, f"{status} {name}", place, f"the header {name}", "no header")
            elif "schema" in header and sent != FILTERED and self._wrong(header["schema"], f"{place}/schema", sent):
                said = f"the header {name} of {status} violates its schema"
                wanted = schema_text(self._document, header["schema"])
                got = f"a text of {len(sent)} characters"
                yield _about("response_headers", said, f"{status} {name}", f"{place}/schema", wanted, got)

    def _wrong(self, schema: Any, pointer: str, sent: str) -> bool:
        if self._kinds.scalar(schema) is None:
            return False
        value = text_value(self._kinds, schema, sent)
        return value is None or not self._schemas.validator(pointer, "answer").is_valid(value)

    def _content(
        self, content: Mapping[str, Any], pointer: str, kind: str, body: bytes, status: int
    ) -> list[Violation]:
        if not content:
            return []
        about_type, about_body = ("error_body",) * 2 if status >= 400 else ("content_type", "response_schema")
        media = media_of(content, kind)
        if media is None:
            said = f"content type {kind or 'missing'} is not documented for {status} ({', '.join(content)} is)"
            wanted = f"one of {', '.join(content)}"
            return [
                _about(about_type, said, f"{status} {kind}", f"{pointer}/content", wanted, kind or "no content type")
            ]
        if not is_json(kind) or "schema" not in (content[media] or {}):
            return []
        found = self._body(f"{pointer}/content/{escape(media)}/schema", body)
        return [replace(found, check=about_body, place=f"{status // 100}xx {found.place}")] if found else []

    def _body(self, pointer: str, body: bytes) -> Violation | None:
        """The first error of a body; one that is lenient only when there is no other."""
        if (pointer, body) in self._keep:
            return None
        try:
            value = orjson.loads(body)
        except orjson.JSONDecodeError:
            got = f"{len(body)} bytes that are not JSON"
            return Violation(check="", message="the body is not JSON", pointer=pointer, expected="JSON", got=got)
        found: Any = None
        for error in self._schemas.validator(pointer, "answer").iter_errors(value):
            if self._explained(error):
                continue
            if not is_lenient(error):
                return self._told(error)
            found = found or error
        if found is None and len(body) <= _SMALL and len(self._keep) < _MOST:
            self._keep.add((pointer, body))
        return replace(self._told(found), advisory=True) if found else None

    def _explained(self, error: Any) -> bool:
        names = [part for part in error.instance_path if isinstance(part, str)]
        return bool(self._accepted and names) and (names[-1], repr(error.instance)) in self._accepted

    def _told(self, error: Any) -> Violation:
        where = "".join(f"/{part}" for part in error.instance_path) or "/"
        broken = promise(self._document, error)
        said = f"the body violates its schema at {where}: {error.message}"
        return _about("", said, f"{broken.pointer} {broken.field}".rstrip(), *broken[:3])


def _about(check: str, message: str, place: str, pointer: str, expected: str, got: str) -> Violation:
    expected = shortly(expected)
    return Violation(check=check, message=message, place=place, pointer=pointer, expected=expected, got=got)


def documented_as(responses: Mapping[str, Any], status: int) -> str | None:
    """Return the name under which a status is documented: itself, its range such as `4XX`, or `default`."""
    if str(status) in responses:
        return str(status)
    names = {str(name).lower(): str(name) for name in responses}
    wanted = (str(status), f"{status // 100}xx", "default")
    return next((names[name] for name in wanted if name in names), None)


def media_of(content: Mapping[str, Any], kind: str) -> str | None:
    """Return the documented media type that covers `kind`, the most exact first."""
    if kind in content:
        return kind
    plain = {str(name).partition(";")[0].strip().lower(): str(name) for name in content}
    wanted = (kind, f"{kind.partition('/')[0]}/*", "*/*")
    return next((plain[name] for name in wanted if name in plain), None)


def is_json(kind: str) -> bool:
    """Whether a media type, without its parameters, is JSON."""
    return kind in ("application/json", "text/json") or kind.endswith("+json")


def escape(part: str) -> str:
    """Return a key as a JSON pointer writes it."""
    return part.replace("~", "~0").replace("/", "~1")
