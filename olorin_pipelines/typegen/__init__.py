"""From documents to TypeScript: types that compile, and the proof whether consumers still do.

The programs are Node packages pinned in `node/package-lock.json`; `olorin doctor --install`, or
`python -m olorin_pipelines.typegen.install`, installs them.
"""

from olorin_pipelines.typegen.bundle import Bundle, generate
from olorin_pipelines.typegen.compiler import Diagnostic
from olorin_pipelines.typegen.frontend import FILES, FrontEnd, LeftOut, make_front_end, unchanged
from olorin_pipelines.typegen.proof import ConsumerProof, prove, usage_of
from olorin_pipelines.typegen.testfiles import is_test_file
from olorin_pipelines.typegen.toolchain import Toolchain, find_toolchain
from olorin_pipelines.typegen.usage import Call, Context, Escape, TypePath, Usage, Use
from olorin_pipelines.typegen.worker import Worker, worker_of
from olorin_pipelines.typegen.writing import write_files

__all__ = [
    "FILES",
    "Bundle",
    "Call",
    "ConsumerProof",
    "Context",
    "Diagnostic",
    "Escape",
    "FrontEnd",
    "LeftOut",
    "Toolchain",
    "TypePath",
    "Usage",
    "Use",
    "Worker",
    "find_toolchain",
    "generate",
    "is_test_file",
    "make_front_end",
    "prove",
    "unchanged",
    "usage_of",
    "worker_of",
    "write_files",
]
