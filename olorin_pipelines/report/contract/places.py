"""At which line of the document was a promise broken? Looked up for the pointers of what is reported only."""

from __future__ import annotations

from olorin_pipelines.contract.tested import Tested
from olorin_pipelines.openapi import Snapshot
from olorin_pipelines.report.location import places

__all__ = ["located"]


def located(tested: Tested, snapshot: Snapshot) -> Tested:
    """Return the run with `at` of its failures filled in, as `file:line:column`; empty where there is no text."""
    wanted = {each.pointer for each in (*tested.failures, *tested.warnings, *tested.excused) if each.pointer}
    found = places(snapshot, wanted)

    def place(pointer: str) -> str:
        at = found[pointer]
        return f"{at.file}:{at.line}:{at.column}" if at.line else ""

    return tested.located(place)
