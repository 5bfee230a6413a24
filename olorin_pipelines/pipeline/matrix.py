"""Which consumer gets on with which version? The latest record of each pair, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from olorin_pipelines.gate import Fact
from olorin_pipelines.registry import ConsumerRecord

__all__ = ["matrix_rows"]

_WORDS = {"pass": "no break found", "fail": "breaks", "no_data": "cannot tell"}
_SAID = 200


def matrix_rows(proofs: Sequence[ConsumerRecord]) -> list[dict[str, Fact]]:
    """Return a row per consumer and version from proofs that stand newest first."""
    seen: set[tuple[str, str]] = set()
    rows: list[dict[str, Fact]] = []
    for proof in proofs:
        pair = (proof.version, proof.consumer)
        if pair in seen:
            continue
        seen.add(pair)
        rows.append(
            {
                "version": proof.version,
                "consumer": proof.consumer,
                "answer": _WORDS.get(proof.outcome, proof.outcome),
                "against": proof.baseline_version,
                "because": proof.summary[:_SAID],
            }
        )
    return rows
