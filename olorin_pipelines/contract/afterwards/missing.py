"""What could not be asked, and why? Said by check, so that nothing passes for tested that was not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from olorin_pipelines.contract.afterwards.plan import Ask
from olorin_pipelines.contract.judge.operations import Operation

__all__ = ["not_covered"]

_PHASES = {
    "repeated": "server_error",
    "deleted": "use_after_delete",
    "pages": "pagination_honoured",
    "again": "same_again",
    "spread": "server_error",
    "malformed": "server_error",
    "tokens": "token_refused",
}


def not_covered(
    asks: Iterable[Ask], left_out: Mapping[str, int], operations: Mapping[str, Operation], *, invalid: bool
) -> dict[str, str]:
    """Return why a check did not see all it should have, by check."""
    said: dict[str, list[str]] = {}
    for phase, count in left_out.items():
        said.setdefault(_PHASES[phase], []).append(f"the time was up: {count} requests about {phase} were left out")
    secured = [key for key, each in operations.items() if each.credentials]
    if invalid and secured:
        kinds = {ask.probe for ask in asks}
        tokens = said.setdefault("token_refused", [])
        if "no_token" not in kinds:
            tokens.append("no request with credentials in a header succeeded, to be asked again with a bad token")
        elif "expired_token" not in kinds:
            tokens.append("expired tokens: none was given, and none can be made without the key")
        asked = {ask.seed.operation for ask in asks if ask.token}
        if "no_token" in kinds and (never := [key for key in secured if key not in asked]):
            tokens.append(f"no request succeeded of {', '.join(never)}")
    return {check: "; ".join(reasons) for check, reasons in said.items() if reasons}
