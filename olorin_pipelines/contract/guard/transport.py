"""How does the guard reach its target? TLS as Envoy is told it, and the proxy on the way."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from olorin_pipelines.access import Connection
from olorin_pipelines.contract.guard.target import Target
from olorin_pipelines.envoy.pieces import TYPE, typed

__all__ = ["transport"]

_SOCKETS = f"{TYPE}extensions.transport_sockets."


def transport(target: Target, connection: Connection) -> dict[str, Any] | None:
    """Return the socket to the target, None for a plain one."""
    inner = _tls(target, connection) if target.tls else None
    if connection.proxy is None:
        return inner
    raw = typed("envoy.transport_sockets.raw_buffer", {"@type": f"{_SOCKETS}raw_buffer.v3.RawBuffer"})
    proxy = urlsplit(connection.proxy)
    address = {"address": proxy.hostname, "port_value": proxy.port or 80}
    config = {
        "@type": f"{_SOCKETS}http_11_proxy.v3.Http11ProxyUpstreamTransport",
        "transport_socket": inner or raw,
        "default_proxy_address": {"socket_address": address},
    }
    return typed("envoy.transport_sockets.http_11_proxy", config)


def _tls(target: Target, connection: Connection) -> dict[str, Any]:
    """The target's certificate is checked against the trusted roots and against the target's name."""
    validation = {
        "trusted_ca": {"filename": _roots(connection.ca)},
        "match_typed_subject_alt_names": [
            {"san_type": "IP_ADDRESS" if target.is_address else "DNS", "matcher": {"exact": target.host}}
        ],
    }
    context: dict[str, Any] = {"alpn_protocols": ["http/1.1"], "validation_context": validation}
    if connection.certificate:
        key = connection.key or connection.certificate
        files = {"certificate_chain": connection.certificate, "private_key": key}
        context["tls_certificates"] = [{name: {"filename": str(file)} for name, file in files.items()}]
    config = {"@type": f"{_SOCKETS}tls.v3.UpstreamTlsContext", "common_tls_context": context}
    return typed("envoy.transport_sockets.tls", config if target.is_address else {**config, "sni": target.host})


def _roots(ca: Path | None) -> str:
    """The file of the certificates that are trusted: the given one, else what this machine trusts."""
    if ca is not None:
        return str(ca)
    if found := ssl.get_default_verify_paths().cafile:  # SSL_CERT_FILE, else the system's
        return found
    import certifi

    return certifi.where()
