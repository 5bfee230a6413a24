"""Which consumer gets on with which version? The latest record of each pair, as a table."""

from __future__ import annotations

from collections.abc import Sequence

from olorin_pipelines.gate import Fact, Outcome
from olorin_pipelines.registry import ConsumerRecord

__all__ = ["WORDS", "matrix_rows"]

WORDS = {
    Outcome.PASS: "no break found",
    Outcome.FAIL: "breaks",
    Outcome.NO_DATA: "cannot tell",
    Outcome.NOT_APPLICABLE: "not concerned",
}
"""How the outcome of a proof is told to people."""

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
                "answer": WORDS[Outcome(proof.outcome)],
                "against": proof.baseline_version,
                "because": proof.summary[:_SAID],
            }
        )
    return rows
