"""2.2.0: promises what 2.1.0 promises, and does not keep it.

Its document is that of 2.1.0. Reading one investigation tells the risk score as text, and the longest page
(`limit=100`) fails. No comparison of documents can see that; contract tests can.
"""

from functools import partial

from ..faults import CorruptBody, FailsWhen, operation_is, query_is
from . import additive
from .release import Release

__all__ = ["RELEASE"]

RELEASE = Release(
    name="lying",
    version="2.2.0",
    summary="Promises what 2.1.0 promises and does not keep it",
    router=additive.router,
    faults=(
        partial(CorruptBody, condition=operation_is("getInvestigation")),
        partial(FailsWhen, condition=query_is("listInvestigations", "limit", "100")),
    ),
)
