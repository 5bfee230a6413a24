"""Under which address is a request shown? Under the service's own, also where it was led through a guard."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from olorin_pipelines.contract.model import Failure, SuiteResult

__all__ = ["shown_at"]


def shown_at(result: SuiteResult, *, asked: str, shown: str) -> SuiteResult:
    """Return a result whose requests name `shown` where `asked` was the address that they were sent to."""
    if asked == shown:
        return result

    def renamed(failures: Sequence[Failure]) -> tuple[Failure, ...]:
        return tuple(_renamed(failure, asked, shown) for failure in failures)

    return replace(
        result,
        failures=renamed(result.failures),
        warnings=renamed(result.warnings),
        errors=tuple(error.replace(asked, shown) for error in result.errors),
    )


def _renamed(failure: Failure, asked: str, shown: str) -> Failure:
    sent = failure.sent
    if sent is not None:
        sent = replace(sent, url=sent.url.replace(asked, shown), curl=sent.curl.replace(asked, shown))
    return replace(failure, curl=failure.curl.replace(asked, shown), sent=sent)
