"""How is Schemathesis told what to do? Its configuration file, its arguments and its environment, all deterministic."""

from __future__ import annotations

import importlib.metadata
import json
import math
import os
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from olorin_pipelines.contract import hook
from olorin_pipelines.contract.model import Suite
from olorin_pipelines.errors import UsageError

__all__ = [
    "OWN_CHECKS",
    "PROMISED_CHECKS",
    "SYNTHETIC",
    "arguments",
    "configuration",
    "environment",
    "key_schemes",
    "options",
    "program",
    "refuse_unsendable",
]

SYNTHETIC = {"X-Olorin-Synthetic": "contract-test"}
"""Sent with every request, so that the service can tell test traffic from its users'."""

OWN_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "missing_required_header",
    "unsupported_method",
    "use_after_free",
    "ensure_resource_availability",
    "ignored_auth",
)
"""What a service must keep of its own document. Left out, as they accuse correct services: `negative_data_rejection`
(a lenient parser is no broken promise) and `allow_header_conformance` (frameworks answer 405 without the full list)."""

PROMISED_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "use_after_free",
    "ensure_resource_availability",
)
"""What a consumer of an older document relies on."""

RECORDED_BYTES = 16_384
"""How much of a response body the report keeps; the checks see all of it."""

_PHASES = ("examples", "coverage", "fuzzing", "stateful")
_ORDERED = ("examples", "coverage", "fuzzing")
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


def configuration(
    suite: Suite, headers: Mapping[str, str], *, schemes: Mapping[str, str] | None = None, in_order: bool = False
) -> str:
    """Return the text of `schemathesis.toml`. It names the environment variable of each header, never its value.

    `schemes` are the keys that are sent in the query, by the name of their security scheme. With `in_order` operations
    are tested as the document lists them, and not what makes ids before what needs them.
    """
    checks = OWN_CHECKS if suite.mode == "all" else PROMISED_CHECKS
    lines = [
        f"seed = {suite.seed}",
        "color = false",
        "workers = 1",
        "continue-on-failure = true",
        f"request-timeout = {float(suite.request_timeout)}",
        "request-retries = 0",
        "warnings = false",
        "[analysis.constants]",
        "enabled = false",
        "[auth]",
        "auto-signup = false",
        "[cache]",
        "enabled = false",
        "[output.sanitization]",
        "enabled = true",
        "[output.truncation]",
        f"max-recorded-payload-size = {RECORDED_BYTES}",
        "[generation]",
        f'mode = "{suite.mode}"',
        'database = "none"',
        "[headers]",
        *(f'{json.dumps(name)} = "${{{_variable(place)}}}"' for place, name in enumerate(headers)),
        "[checks]",
        "enabled = false",
        *(f"{check}.enabled = true" for check in checks),
        *(_phase(phase, suite, in_order=in_order and phase in _ORDERED) for phase in _PHASES),
        *(f"[phases.{phase}.extra-data-sources]\nresponses = false" for phase in ("examples", "coverage", "fuzzing")),
        "[phases.fuzzing.error-feedback]",
        "enabled = false",
        "[phases.fuzzing.generation]",
        f"max-examples = {suite.fuzzing_examples}",
        "[phases.stateful.generation]",
        f"max-examples = {suite.stateful_examples}",
        *(f"[auth.openapi.{json.dumps(name)}]\napi_key = {json.dumps(key)}" for name, key in (schemes or {}).items()),
        *_pinned(suite),
    ]
    return "\n".join(lines) + "\n"


def _phase(phase: str, suite: Suite, *, in_order: bool) -> str:
    order = '\noperation-ordering = "none"' if in_order else ""
    return f"[phases.{phase}]\nenabled = {str(phase in suite.phases).lower()}{order}"


def key_schemes(document: Mapping[str, Any], query: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of `query` by the security scheme of the document that asks for them."""
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, Mapping) else None
    return {
        name: query[scheme["name"]]
        for name, scheme in (schemes if isinstance(schemes, Mapping) else {}).items()
        if isinstance(scheme, Mapping)
        if (scheme.get("type"), scheme.get("in")) == ("apiKey", "query") and scheme.get("name") in query
    }


def _pinned(suite: Suite) -> list[str]:
    """Values that exist, those of one operation before those of all."""
    tables = ["[parameters]", *_values(suite.pinned.by_name)]
    for operation, values in suite.pinned.by_operation.items():
        tables += ["[[operations]]", f"include-name = {json.dumps(operation)}", "[operations.parameters]"]
        tables += _values(values)
    return tables


def _values(values: Mapping[str, str]) -> list[str]:
    return [f"{json.dumps(name)} = {json.dumps(value)}" for name, value in values.items()]


def arguments(
    suite: Suite, *, document: Path, config: Path, url: str, report: str, without: Iterable[str] = ()
) -> list[str]:
    """Return the arguments after the program's name. They are visible to every user of the machine: no secrets.

    `without` are operations that are left out. The mode is said here, as the option has a default that would win over
    the configuration.
    """
    included = [word for key in suite.include_operations for word in ("--include-name", key)]
    included += [word for key in without for word in ("--exclude-name", key)]
    options = ["--url", url, "--mode", suite.mode, "--report", "ndjson", "--report-ndjson-path", report, "--no-color"]
    return ["--config-file", str(config), "run", str(document), *options, *included]


def options(suite: Suite) -> dict[str, object]:
    """Return what decides which requests are sent: with the same, a service in the same state is sent the same.

    That also takes what `configuration` turns off: the cache, the example database, values taken from answers, and
    fuzzing that learns from refusals.
    """
    return {
        "seed": suite.seed,
        "mode": suite.mode,
        "phases": list(suite.phases),
        "stateful_examples": suite.stateful_examples,
        "fuzzing_examples": suite.fuzzing_examples,
        "operations": sorted(suite.include_operations),
        "pinned": [dict(suite.pinned.by_name), {key: dict(each) for key, each in suite.pinned.by_operation.items()}],
        "query": sorted(suite.query),
        "schemathesis": importlib.metadata.version("schemathesis"),
    }


def environment(headers: Mapping[str, str], *, home: Path, cache: Path, until: float = math.inf) -> dict[str, str]:
    """Return the whole environment of the subprocess: no proxy, no netrc, nothing of ours but headers and one hook.

    The hook waits when the service asks for it; `until` is the end of the run, in seconds since the epoch.
    """
    refuse_unsendable(headers)
    return {
        "PATH": os.defpath,
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(cache),
        "SCHEMATHESIS_HOOKS": hook.__file__,
        hook.UNTIL: str(until),
        **{_variable(place): value for place, value in enumerate(headers.values())},
    }


def refuse_unsendable(headers: Mapping[str, str]) -> None:
    """Raise UsageError for a header that no request can carry."""
    for name, value in headers.items():
        if not _TOKEN.fullmatch(name) or not value.isprintable() or not value.isascii():
            raise UsageError(f"the header {name!r} cannot be sent", hint="a name is a token, a value printable ASCII")


def program() -> list[str]:
    """Return how to start Schemathesis of this interpreter; `-P` keeps the working directory off its path."""
    return [sys.executable, "-P", "-m", "schemathesis.cli"]


def _variable(place: int) -> str:
    return f"OLORIN_HEADER_{place}"
