"""No router: Olorin verifies and gives its verdict, and moves nothing."""

from __future__ import annotations

from typing import NoReturn

from olorin_pipelines.delivery.model import Activity, Backend, Receipt, RouteState
from olorin_pipelines.errors import UsageError

__all__ = ["NoRouter"]


class NoRouter:
    """Shows no route and refuses to write one."""

    def read(self, service: str) -> RouteState | None:  # noqa: ARG002 - the port's signature
        """Return None: no route is known."""
        return None

    def apply(self, desired: RouteState, *, expect_fence: int | None = None) -> NoReturn:  # noqa: ARG002
        """Refuse. Raises `UsageError`."""
        raise _refusal(desired.service)

    def confirm(self, receipt: Receipt, *, within: float) -> NoReturn:  # noqa: ARG002
        """Refuse. Raises `UsageError`."""
        raise _refusal(receipt.desired.service)

    def activity(self, service: str, backend: Backend) -> Activity | None:  # noqa: ARG002
        """Return None: nothing is counted."""
        return None

    def entry(self, service: str) -> str | None:  # noqa: ARG002
        """Return None: users do not come through Olorin's router."""
        return None


def _refusal(service: str) -> UsageError:
    return UsageError(
        f"{service} has no traffic router: its traffic cannot be moved from here",
        hint="set rollout.router of the service, for instance to envoy",
    )
