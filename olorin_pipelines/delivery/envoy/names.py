"""How are Envoy's clusters called? `service@version`, and a name without dots in statistics.

Envoy cuts a cluster's name at its first dot when it makes labels for Prometheus (`investigations@2.1.0` becomes the
label `investigations@2` of a metric `envoy_cluster_1_0_…`), so statistics carry `investigations@2_1_0`.
"""

from __future__ import annotations

import re

__all__ = ["cluster_name", "stat_name"]

_UNSAFE = re.compile(r"[^A-Za-z0-9.+-]")


def cluster_name(service: str, version: str) -> str:
    """Return the name of a version's cluster. Two different pairs never share one: what is unsafe is %-escaped."""
    return f"{_escaped(service)}@{_escaped(version)}"


def stat_name(service: str, version: str) -> str:
    """Return the cluster's name in statistics, the label `envoy_cluster_name`."""
    return cluster_name(service, version).replace(".", "_")


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02x}" for byte in match[0].encode()), text)
