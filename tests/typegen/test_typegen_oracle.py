"""The fast way gives the bytes of openapi-typescript's own program, and almost all real documents have types."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from bench.types import measure_folder
from olorin_pipelines import openapi
from olorin_pipelines.typegen.bundle import types_text

SPECS = Path(__file__).parent.parent.parent.parent / "shared" / "specs"
NAMES = (
    *("adyen-checkout/new", "adyen-dialect/old", "adyen-webhooks/new", "discord/new", "openai-3.0-to-3.1/old"),
    *("stripe-weekly/new", "twilio-verify/new", "xero-projects/new", "svix/old"),
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SPECS.is_dir(), reason=f"the real documents are not beside the project ({SPECS})"),
]


@pytest.mark.parametrize("name", NAMES)
def test_the_types_of_a_real_document_are_the_bytes_of_the_program(toolchain, tmp_path, name):
    [path] = SPECS.glob(f"{name}.*")
    snapshot = openapi.load(str(path))
    (tmp_path / "openapi.json").write_bytes(snapshot.canonical)
    program = toolchain.modules / "openapi-typescript" / "bin" / "cli.js"
    ended = subprocess.run(
        [toolchain.node, program, "openapi.json", "--output", "plain.d.ts"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-500:]
    assert types_text(snapshot.canonical, toolchain, timeout=60) == (tmp_path / "plain.d.ts").read_bytes()


def test_nineteen_of_twenty_documents_have_types_that_compile(toolchain):
    found = measure_folder(SPECS, toolchain, say=lambda _: None, skip=("malformed", "kubernetes"))
    assert found["documents"] > 50
    assert found["share"] >= 0.95, found["failed"]
