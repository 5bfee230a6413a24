"""Does the document that a service serves itself break the one that it is tested by?

Answers are the better witness. But where none could be had, for want of credentials or because nothing may be written,
the service's own words are the only one: there a breaking difference decides, elsewhere it is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from olorin_pipelines import contract, openapi
from olorin_pipelines.contract.fingerprint import fingerprint
from olorin_pipelines.diff import Finding, Severity, diff
from olorin_pipelines.errors import DocumentError
from olorin_pipelines.gate import CheckResult, Outcome

if TYPE_CHECKING:
    import httpx

__all__ = ["SERVED", "broken_promise", "with_served"]

SERVED = "served_document"
_NAMED = 3


def with_served(
    tested: contract.Tested,
    given: openapi.Snapshot,
    *,
    url: str,
    headers: Mapping[str, str],
    only: tuple[str, ...] = (),
    client: httpx.Client | None = None,
) -> contract.Tested:
    """Return a run with what the served document says added to it; nothing when none is served, or it is the same."""
    try:
        served = openapi.discover(url, headers=headers, client=client)
    except DocumentError:
        return replace(tested, untested=(*tested.untested, "no document is served to be compared with this one"))
    if served.digest == given.digest:
        same = CheckResult(name=SERVED, outcome=Outcome.PASS, summary="the service serves this very document")
        return replace(tested, checks=(*tested.checks, same))
    reached = {each.key for each in tested.operations if each.exercised}
    found = [
        _judged(finding, served, reached)
        for finding in diff(given, served)
        if finding.severity is Severity.BREAKING and (not only or set(only) & set(finding.reachable_from))
    ]
    deciding = tuple(each for each in found if not each.advisory)
    return replace(
        tested,
        failures=(*tested.failures, *deciding),
        warnings=(*tested.warnings, *(each for each in found if each.advisory)),
        checks=(_check(served, found, deciding), *tested.checks),
    )


def _judged(finding: Finding, served: openapi.Snapshot, reached: set[str]) -> contract.Failure:
    unreached = [key for key in finding.reachable_from if key not in reached]
    return replace(broken_promise(finding, served, (unreached or [finding.operation])[0]), advisory=not unreached)


def broken_promise(finding: Finding, served: openapi.Snapshot, operation: str) -> contract.Failure:
    """Return a breaking difference of a served document as a failure of one operation."""
    return contract.Failure(
        operation=operation,
        check=SERVED,
        message=finding.message,
        detail=f"{finding.id}: {finding.why}",
        curl=f"curl {served.source}",
        pointer=finding.old_pointer or "",
        expected=finding.before,
        got=finding.after or "nothing of it",
        fingerprint=fingerprint(SERVED, operation, finding.fingerprint),
        phase="document",
    )


def _check(
    served: openapi.Snapshot, found: list[contract.Failure], deciding: tuple[contract.Failure, ...]
) -> CheckResult:
    if not deciding:
        where = f"the document at {served.source} differs"
        said = f"{where} in {len(found)} breaking ways; all operations concerned were reached, so that answers decide"
        summary = said if found else f"{where} and breaks nothing"
        return CheckResult(name=SERVED, outcome=Outcome.PASS, summary=summary)
    named = "; ".join(f"{each.operation}: {each.message}" for each in deciding[:_NAMED])
    more = f" and {len(deciding) - _NAMED} more" if len(deciding) > _NAMED else ""
    summary = f"the document at {served.source} breaks this one where no answer could be had: {named}{more}"
    return CheckResult(name=SERVED, outcome=Outcome.FAIL, summary=summary)
