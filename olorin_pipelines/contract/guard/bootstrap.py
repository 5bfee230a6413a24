"""What is the guard's Envoy told? One static configuration: nothing in it can be changed while it runs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from olorin_pipelines.contract.guard.headers import STRIPPED
from olorin_pipelines.contract.guard.limits import Limits
from olorin_pipelines.contract.guard.target import Target
from olorin_pipelines.envoy.pieces import TYPE, access_log, connection_limit, typed

__all__ = ["LISTENER", "LOCATION", "REFUSED_BY", "STATS", "TARGET", "Upstream", "bootstrap"]

LISTENER, TARGET, STATS = "guard", "target", "guard"
REFUSED_BY = "x-olorin-guard"
"""Header of an answer that the guard gave itself: why."""
LOCATION = "x-olorin-location"
"""Header that holds what the target wrote into `Location`."""

_FILTERS = f"{TYPE}extensions.filters.http."
_HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_NEVER = "315360000s"  # ten years: a bucket that is not filled again
_OVERRIDE_IN_QUERY = r".*[?&](_|%5[Ff])[Mm]ethod=.*"
_ACCESS = {
    "time": "%START_TIME%",
    "method": "%REQ(:METHOD)%",
    "path": "%PATH(NQ)%",
    "status": "%RESPONSE_CODE%",
    "reason": "%RESPONSE_CODE_DETAILS%",
    "sent_to": "%UPSTREAM_HOST%",
    "bytes": "%BYTES_SENT%",
    "milliseconds": "%DURATION%",
}


@dataclass(frozen=True, slots=True)
class Upstream:
    """Where Envoy connects to: `addresses` at `port`, over `transport`; a proxy is sent `whole_urls`."""

    addresses: tuple[str, ...]
    port: int
    transport: Mapping[str, Any] | None = None
    whole_urls: bool = False


def bootstrap(
    target: Target,
    limits: Limits,
    *,
    upstream: Upstream,
    prefix: str,
    until: datetime,
    admin_socket: Path,
    mark: Mapping[str, str],
    script: str,
    log: Path | None = None,
) -> dict[str, Any]:
    """Return Envoy's configuration. Paths begin with the secret `prefix`; after `until` everything is refused.

    `script` is run for every request that passes, last of all.
    """
    return {
        "admin": {"address": {"pipe": {"path": str(admin_socket), "mode": 0o600}}},
        "overload_manager": connection_limit(limits.connections),
        "static_resources": {
            "listeners": [_listener(target, limits, prefix=prefix, until=until, mark=mark, script=script, log=log)],
            "clusters": [_cluster(target, upstream)],
        },
    }


def _listener(
    target: Target,
    limits: Limits,
    *,
    prefix: str,
    until: datetime,
    mark: Mapping[str, str],
    script: str,
    log: Path | None,
) -> dict[str, Any]:
    strict = bool(limits.methods)
    manager = {
        "@type": f"{TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": STATS,
        "codec_type": "HTTP1",  # neither h2 nor h2c: one parser of requests
        "http_protocol_options": {"allow_custom_methods": not strict},
        "route_config": _routes(target, limits, prefix, mark),
        "early_header_mutation_extensions": [_named("early_header_mutation.header_mutation", _STRIP)] if strict else [],
        "http_filters": _filters(limits, until, script),
        "local_reply_config": {"mappers": [_reason()]},
        "normalize_path": strict,
        "merge_slashes": False,
        "path_with_escaped_slashes_action": "KEEP_UNCHANGED",
        "max_request_headers_kb": limits.header_kib,
        "generate_request_id": False,
        "server_header_transformation": "PASS_THROUGH",
        "request_headers_timeout": "10s",
        "stream_idle_timeout": _seconds(limits.request_seconds),
        "request_timeout": _seconds(limits.request_seconds),
        "scheme_header_transformation": {"scheme_to_overwrite": "https" if target.tls else "http"},
        "common_http_protocol_options": {"idle_timeout": "60s", "max_headers_count": 200},
        **({"access_log": [access_log(log, _ACCESS)]} if log else {}),
    }
    return {
        "name": LISTENER,
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": 0}},
        "enable_reuse_port": False,
        "per_connection_buffer_limit_bytes": 1_048_576,
        "filter_chains": [{"filters": [typed("envoy.filters.network.http_connection_manager", manager)]}],
    }


def _routes(target: Target, limits: Limits, prefix: str, mark: Mapping[str, str]) -> dict[str, Any]:
    """The upstream and its `Host` are fixed, whatever authority or absolute address the client names."""
    action = {
        "cluster": TARGET,
        "host_rewrite_literal": target.authority,
        "timeout": _seconds(limits.request_seconds),
    }
    routes = [
        {"match": {"path": prefix}, "route": {**action, "prefix_rewrite": target.base or "/"}},
        {"match": {"prefix": f"{prefix}/"}, "route": {**action, "prefix_rewrite": f"{target.base}/"}},
    ]
    return {
        "name": LISTENER,
        "virtual_hosts": [{"name": LISTENER, "domains": ["*"], "routes": routes}],
        "request_headers_to_add": [_header(name, value) for name, value in mark.items()],
        "request_headers_to_remove": ["x-forwarded-proto", "x-forwarded-for", "x-request-id"],
        "response_headers_to_remove": [REFUSED_BY],
    }


_STRIP = {
    "@type": f"{TYPE}extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
    "mutations": [{"remove_on_match": {"key_matcher": {"safe_regex": {"regex": name}}}} for name in STRIPPED],
}


def _header(name: str, value: str) -> dict[str, Any]:
    return {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}


_STAY = {
    "@type": f"{_FILTERS}header_mutation.v3.HeaderMutation",
    "mutations": {
        "response_mutations": [
            # a client that follows redirects would leave the guard: it is told where, not sent there
            {
                "append": {
                    "header": {"key": LOCATION, "value": "%RESP(location)%"},
                    "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
                }
            },
            {"remove": "location"},
            {"remove": "alt-svc"},
        ]
    },
}


def _filters(limits: Limits, until: datetime, script: str) -> list[dict[str, Any]]:
    """First what is refused, each with its name; then what alone is let through; then how much of it."""
    safe = {"or_rules": {"rules": [_is(":method", exact=method) for method in limits.methods]}}
    # a target that does not read the body of a GET would take it for the next request
    body = {"or_rules": {"rules": [_present("transfer-encoding"), _with_length()]}}
    late = {"call_expr": {"function": "_>=_", "args": [_NOW, _moment(until)]}}
    deadline = {**_policy({"any": True}), "condition": late}
    denied = {
        "method": _policy({"not_rule": safe}),
        "method_override": _policy(_is(":path", safe_regex={"regex": _OVERRIDE_IN_QUERY})),
        "body": _policy(body),
    }
    early = {"call_expr": {"function": "!_", "args": [late]}}
    allowed = {"safe": {**_policy({"and_rules": {"rules": [safe, {"not_rule": body}]}}), "condition": early}}
    strictly = [
        _named("filters.http.header_mutation", _STAY),
        _rbac("DENY", {**denied, "deadline": deadline}),
        _rbac("ALLOW", allowed),
        _lua("head_only", _NO_BODY),
    ]
    rate = {"max_tokens": limits.burst, "tokens_per_fill": limits.per_second, "fill_interval": "1s"}
    cap = {"max_tokens": limits.requests, "tokens_per_fill": 1, "fill_interval": _NEVER}
    return [
        *(strictly if limits.methods else [_rbac("DENY", {"deadline": deadline})]),
        _bucket("rate", rate),
        _bucket("cap", cap),
        _lua("stand_ins", script),
        _named("filters.http.router", {"@type": f"{_FILTERS}router.v3.Router", "suppress_envoy_headers": True}),
    ]


_NO_BODY = f"""
-- Header lines do not tell whether there is a body: some are taken away before a filter sees them.
function envoy_on_request(handle)
  if handle:body() ~= nil then
    handle:respond({{[":status"] = "403", ["{REFUSED_BY}"] = "body"}}, "")
  end
end
"""
"""Refuses a request that does not end with its head."""

_NOW = {"select_expr": {"operand": {"ident_expr": {"name": "request"}}, "field": "time"}}


def _lua(name: str, source: str) -> dict[str, Any]:
    config = {"@type": f"{_FILTERS}lua.v3.Lua", "default_source_code": {"inline_string": source}}
    return _named(f"filters.http.lua.{name}", config)


def _rbac(action: str, policies: Mapping[str, Any]) -> dict[str, Any]:
    rules = {"action": action, "policies": dict(policies)}
    name = f"filters.http.rbac.{action.lower()}"
    return _named(name, {"@type": f"{_FILTERS}rbac.v3.RBAC", "rules": rules, "track_per_rule_stats": True})


def _policy(permission: Mapping[str, Any]) -> dict[str, Any]:
    return {"permissions": [dict(permission)], "principals": [{"any": True}]}


def _is(header: str, **match: Any) -> dict[str, Any]:
    return {"header": {"name": header, "string_match": match}}


def _present(header: str) -> dict[str, Any]:
    return {"header": {"name": header, "present_match": True}}


def _with_length() -> dict[str, Any]:
    return {"and_rules": {"rules": [_present("content-length"), {"not_rule": _is("content-length", exact="0")}]}}


def _bucket(name: str, bucket: Mapping[str, Any]) -> dict[str, Any]:
    every = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    return _named(
        f"filters.http.local_ratelimit.{name}",
        {
            "@type": f"{_FILTERS}local_ratelimit.v3.LocalRateLimit",
            "stat_prefix": name,
            "status": {"code": "TooManyRequests"},
            "token_bucket": dict(bucket),
            "filter_enabled": every,
            "filter_enforced": every,
            "response_headers_to_add": [_header(REFUSED_BY, name)],
        },
    )


def _reason() -> dict[str, Any]:
    header = {"header": {"key": REFUSED_BY, "value": "%RESPONSE_CODE_DETAILS%"}, "append_action": "ADD_IF_ABSENT"}
    return {
        "filter": {
            "status_code_filter": {
                "comparison": {"op": "GE", "value": {"default_value": 400, "runtime_key": "olorin.never"}}
            }
        },
        "headers_to_add": [header],
    }


def _cluster(target: Target, upstream: Upstream) -> dict[str, Any]:
    endpoints = [
        {
            "endpoint": {
                "address": {"socket_address": {"address": address, "port_value": upstream.port}},
                "hostname": target.host,
            }
        }
        for address in upstream.addresses
    ]
    options = {
        "@type": f"type.googleapis.com/{_HTTP_OPTIONS}",
        "common_http_protocol_options": {"idle_timeout": "2s"},  # before the target's own: see delivery
        "explicit_http_config": {"http_protocol_options": {"send_fully_qualified_url": upstream.whole_urls}},
    }
    return {
        "name": TARGET,
        "type": "STATIC",
        "connect_timeout": "5s",
        "typed_extension_protocol_options": {_HTTP_OPTIONS: options},
        "circuit_breakers": {"thresholds": [{"max_retries": 0, "max_connections": 64}]},
        "load_assignment": {"cluster_name": TARGET, "endpoints": [{"lb_endpoints": endpoints}]},
        **({"transport_socket": dict(upstream.transport)} if upstream.transport else {}),
    }


def _named(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    return typed(f"envoy.{name}", config)


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}s"


def _moment(moment: datetime) -> dict[str, Any]:
    stamp = moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"call_expr": {"function": "timestamp", "args": [{"const_expr": {"string_value": stamp}}]}}
