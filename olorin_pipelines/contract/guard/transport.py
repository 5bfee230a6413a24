"""How does the guard trust its target? TLS as Envoy is told it: roots, name, and a certificate of our own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from olorin_pipelines.contract.guard.target import Target
from olorin_pipelines.envoy.pieces import TYPE, typed

__all__ = ["tls_to"]

_TLS = f"{TYPE}extensions.transport_sockets.tls.v3."


def tls_to(target: Target, *, roots: str, certificate: Path | None = None, key: Path | None = None) -> dict[str, Any]:
    """Return the socket to an https target: its certificate is checked against `roots` and the target's name."""
    kind = "IP_ADDRESS" if target.is_address else "DNS"
    validation = {
        "trusted_ca": {"filename": roots},
        "match_typed_subject_alt_names": [{"san_type": kind, "matcher": {"exact": target.host}}],
    }
    own = {"certificate_chain": {"filename": str(certificate)}, "private_key": {"filename": str(key or certificate)}}
    context = {
        "@type": f"{_TLS}UpstreamTlsContext",
        **({} if target.is_address else {"sni": target.host}),
        "common_tls_context": {
            "alpn_protocols": ["http/1.1"],
            "validation_context": validation,
            **({"tls_certificates": [own]} if certificate else {}),
        },
    }
    return typed("envoy.transport_sockets.tls", context)
