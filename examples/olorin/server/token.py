"""Print bearer tokens signed with the configured secret, one a line for each subject.

python -m examples.olorin.server.token --subject contract-tests --minutes 60
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import timedelta

from pydantic import ValidationError

from .auth import issue_token
from .settings import Settings, describe
from .store import utc_now

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print a token for each subject; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m examples.olorin.server.token",
        description="Print a bearer token signed with JWT_SECRET.",
        epilog="example: TOKEN=$(python -m examples.olorin.server.token --subject contract-tests --minutes 60)",
    )
    parser.add_argument("--subject", nargs="+", default=["demo"], help="whom the tokens are for (default: demo)")
    parser.add_argument("--minutes", type=float, default=60, help="how long it is valid (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    try:
        settings = Settings()
    except ValidationError as error:
        sys.stderr.write(f"error: {describe(error)}\n")
        return 2
    lifetime = timedelta(minutes=chosen.minutes)
    for subject in chosen.subject:
        sys.stdout.write(issue_token(settings.jwt_secret, subject=subject, lifetime=lifetime, now=utc_now()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
