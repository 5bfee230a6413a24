"""2.4.0: what 2.1.0 promises as version 1, now deprecated, and version 2 beside it."""

from . import additive
from .release import Release
from .v2 import routes

__all__ = ["RELEASE"]

RELEASE = Release(
    name="two_versions",
    version="2.4.0",
    summary="Serves version 2 beside version 1, which is deprecated",
    router=additive.router,
    successor=routes.router,
)
