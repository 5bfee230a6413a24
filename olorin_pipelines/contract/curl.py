"""Which command repeats a recorded request? Written from the report, so that secrets in it are replaced already."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Mapping
from typing import Any

__all__ = ["command", "decoded"]

LONGEST_BODY = 4_000
"""Characters of a body that a command carries."""


def command(request: Mapping[str, Any]) -> str:
    """Return the `curl` command of a request as the ndjson report holds it."""
    words = ["curl", "-X", str(request.get("method", "GET"))]
    for name, values in (request.get("headers") or {}).items():
        for value in values if isinstance(values, list) else [values]:
            words += ["-H", f"{name}: {value}" if value else f"{name};"]
    body = decoded(request.get("body"))
    if body:
        text = body.decode(errors="backslashreplace")
        words += ["--data-raw", text if len(text) <= LONGEST_BODY else f"{text[:LONGEST_BODY]}…"]
    return shlex.join([*words, str(request.get("uri", ""))])


def decoded(body: Any) -> bytes:
    """Return the bytes of a recorded body; empty when there is none."""
    if isinstance(body, Mapping):
        return base64.b64decode(body.get("$base64", ""))
    return str(body).encode() if body else b""
