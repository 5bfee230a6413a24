"""A full disk, a hanging or killed Node, too large a document: said clearly, nothing half-written, no process left."""

from __future__ import annotations

import contextlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from olorin_pipelines.errors import ToolFailed
from olorin_pipelines.typegen import Toolchain, generate, unchanged, worker, worker_of, write_files
from tests.typegen.conftest import CASES, canonical, front_end

ROOT = Path(__file__).parent.parent.parent


@contextlib.contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """No file of this process may grow past `limit` bytes: the kernel refuses as it does for a full disk."""
    import signal

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_full_disk_leaves_a_folder_as_it_was(toolchain, document, tmp_path):
    old = front_end(document, toolchain)
    write_files(tmp_path, old.files)
    document["components"]["schemas"]["Case"]["properties"]["owner"] = {"type": "string"}
    new = front_end(document, toolchain)
    with full_disk(1000), pytest.raises(ToolFailed, match=r"cannot be written: File too large") as caught:
        write_files(tmp_path, new.files)
    assert "make room on the disk" in caught.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == old.files
    assert len(write_files(tmp_path, new.files)) == 4


def test_a_full_disk_keeps_no_half_of_a_bundle(toolchain, document, tmp_path):
    data = canonical(document)
    worker_of(toolchain).prepare()
    with full_disk(500), pytest.raises(ToolFailed, match=r"cannot be kept in .*File too large") as caught:
        generate(data, digest="d", store=tmp_path, toolchain=toolchain)
    assert "make room on the disk" in caught.value.hint
    assert list(tmp_path.iterdir()) == []
    assert not generate(data, digest="d", store=tmp_path, toolchain=toolchain).cached


def test_a_folder_that_cannot_be_made_is_said(toolchain, document, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolFailed, match="cannot be written"):
        write_files(tmp_path / "file" / "api", front_end(document, toolchain).files)


def test_files_that_are_no_longer_made_are_removed(tmp_path):
    write_files(tmp_path, {"schema.d.ts": b"1", "handlers.ts": b"2"})
    (tmp_path / "mine.ts").write_text("kept")
    assert write_files(tmp_path, {"schema.d.ts": b"1"}, obsolete=("schema.d.ts", "handlers.ts")) == ()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.ts", "schema.d.ts"]


def test_a_node_that_hangs_ends_the_command_with_three_and_writes_nothing(toolchain, tmp_path):
    """The whole command, with a Node in place of ours that never answers."""
    pids = tmp_path / "pids"
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho $$ >> {pids}\nexec sleep 600\n")
    node.chmod(0o755)
    (tmp_path / "openapi.json").write_bytes(canonical(CASES))
    program = f"""
from pathlib import Path
from olorin_pipelines import cli
from olorin_pipelines.typegen import toolchain
toolchain._own_nodes = lambda: iter([Path({str(node)!r})])
import sys
sys.argv = ["olorin", "types", "openapi.json", "--out", "api", "--timeout", "1"]
cli.main()
"""
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 3
    assert "Node did not answer within 1 s" in ended.stderr
    assert not (tmp_path / "api").exists()
    assert not any(psutil.pid_exists(int(pid)) for pid in pids.read_text().split())


def test_a_document_that_is_too_large_is_said(toolchain, document, tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "MAX_MESSAGE", 100)
    with pytest.raises(ToolFailed, match="no types could be made: the document is larger than 100 bytes"):
        generate(canonical(document), digest="d", store=tmp_path, toolchain=toolchain)
    assert list(tmp_path.iterdir()) == []


def test_a_half_written_folder_is_not_taken_for_a_whole_one(toolchain, document, tmp_path):
    made = front_end(document, toolchain)
    digest = json.loads(made.files["manifest.json"])["digest"]
    write_files(tmp_path, {name: data for name, data in made.files.items() if name != "handlers.ts"})
    assert not unchanged(tmp_path, digest=digest, globs=())


def test_the_program_is_asked_when_the_generator_breaks(toolchain: Toolchain, document, tmp_path, monkeypatch):
    expected = generate(canonical(document), digest="d", store=tmp_path / "one", toolchain=toolchain).types.read_bytes()

    def broken(*_: object, **__: object) -> None:
        raise worker.GeneratorBroken("it broke", tool="openapi-typescript")

    monkeypatch.setattr(worker.Worker, "ask", broken)
    made = generate(canonical(document), digest="d", store=tmp_path / "two", toolchain=toolchain)
    assert made.types.read_bytes() == expected
    document["info"]["x-data"] = {"$ref": "http://127.0.0.1:9/x"}
    with pytest.raises(ToolFailed, match="no types could be made: it broke"):
        generate(canonical(document), digest="e", store=tmp_path / "two", toolchain=toolchain)


def test_validators_that_cannot_be_made_are_said_with_what_to_do(toolchain: Toolchain, document, monkeypatch):
    asked = worker.Worker.ask

    def slow(self: worker.Worker, operation: str, *arguments: object, **options: object) -> object:
        if operation == "validators":
            raise ToolFailed("Node did not answer within 1 s", tool="node")
        return asked(self, operation, *arguments, **options)

    monkeypatch.setattr(worker.Worker, "ask", slow)
    with pytest.raises(ToolFailed, match="no validators could be made: Node did not answer") as caught:
        front_end(document, toolchain)
    assert "--paths" in caught.value.hint
