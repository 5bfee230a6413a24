"""From documents to TypeScript: types that compile, and the proof whether consumers still do.

The programs are Node packages pinned in `node/package-lock.json`; `python -m olorin_pipelines.typegen.install`
installs them.
"""

from olorin_pipelines.typegen.bundle import Bundle, generate
from olorin_pipelines.typegen.compiler import Diagnostic
from olorin_pipelines.typegen.proof import ConsumerProof, prove
from olorin_pipelines.typegen.toolchain import Toolchain, find_toolchain

__all__ = ["Bundle", "ConsumerProof", "Diagnostic", "Toolchain", "find_toolchain", "generate", "prove"]
