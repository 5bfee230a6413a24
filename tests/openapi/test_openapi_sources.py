"""Several files, git revisions, and the places of what is wrong with them."""

from __future__ import annotations

import functools
import http.server
import json
import subprocess
import threading
from pathlib import Path

import pytest

from olorin_pipelines import openapi
from olorin_pipelines.errors import DocumentError, DocumentInvalid, DocumentUnreachable

ROOT = """\
openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /a:
    get:
      responses:
        "200":
          description: done
          content:
            application/json:
              schema: {$ref: "%s"}
"""


def write(folder: Path, ref: str, **files: str) -> Path:
    for name, text in files.items():
        path = folder / f"{name}.yaml"
        path.write_text(text)
    (folder / "api.yaml").write_text(ROOT % ref)
    return folder / "api.yaml"


def schema(snapshot: openapi.Snapshot) -> object:
    answer = snapshot.document["paths"]["/a"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    return openapi.resolve(snapshot.document, answer)


def test_references_reach_other_files_of_the_folder_and_back(tmp_path):
    path = write(
        tmp_path,
        "more.yaml#/Order",
        more='Order: {type: object, properties: {again: {$ref: "#/Order"}, other: {$ref: "last.yaml"}}}',
        last='{type: string, title: {$ref: "api.yaml#/info/title"}}',
    )
    snapshot = openapi.load(str(path))
    order = schema(snapshot)
    assert openapi.resolve(snapshot.document, order["properties"]["again"]) == order
    assert openapi.resolve(snapshot.document, order["properties"]["other"])["type"] == "string"
    assert openapi.problems(snapshot) == ()


def test_what_another_file_says_is_part_of_the_snapshot(tmp_path):
    digests = set()
    for kind in ("string", "integer"):
        path = write(tmp_path, "more.yaml#/Order", more=f"Order: {{type: {kind}}}")
        digests.add(openapi.load(str(path)).digest)
    assert len(digests) == 2


@pytest.mark.parametrize("ref", ["../secret.yaml", "/etc/hostname", "link.yaml"])
def test_nothing_outside_the_folder_is_read(tmp_path, ref):
    (tmp_path / "secret.yaml").write_text("type: string")
    folder = tmp_path / "api"
    folder.mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    with pytest.raises(DocumentInvalid, match="leaves the folder") as caught:
        openapi.load(str(write(folder, ref)))
    assert (caught.value.line, caught.value.column) == (11, 31)


def test_a_file_that_is_not_there_is_a_problem_and_no_end(tmp_path):
    snapshot = openapi.load(str(write(tmp_path, "absent.yaml#/Order")))
    assert [problem.line for problem in openapi.problems(snapshot)] == [11]


def test_a_broken_file_is_named(tmp_path):
    with pytest.raises(DocumentError, match=r"more\.yaml:2"):
        openapi.load(str(write(tmp_path, "more.yaml#/Order", more="Order: [")))


def test_a_fault_in_another_file_is_told_with_its_place_there(tmp_path):
    path = write(tmp_path, "more.yaml#/Order", more='Order:\n  items: {$ref: "#/Absent"}')
    (problem,) = openapi.problems(openapi.load(str(path)))
    assert (Path(problem.file).name, problem.line, problem.column) == ("more.yaml", 2, 11)
    assert "more.yaml, line 2" in str(problem)


def test_what_another_file_may_not_refer_to_is_told_with_its_place_there(tmp_path):
    path = write(tmp_path, "more.yaml#/Order", more="Order:\n  $ref: https://example.org/a.yaml#/A")
    with pytest.raises(DocumentInvalid, match=r"more\.yaml:2:9") as caught:
        openapi.load(str(path))
    assert "--allow-ref-host example.org" in caught.value.hint


@pytest.fixture
def served(tmp_path):
    """A folder served over HTTP, and its address."""
    served = tmp_path / "served"
    served.mkdir()
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield served, f"127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_an_address_is_followed_when_its_host_is_allowed_by_name(tmp_path, served):
    folder, host = served
    (folder / "more.yaml").write_text('Order: {type: object, properties: {next: {$ref: "last.json#/Last"}}}')
    (folder / "last.json").write_text('{"Last": {"type": "string", "title": {"$ref": "more.yaml#/Order/type"}}}')
    path = write(tmp_path, f"http://{host}/more.yaml#/Order")
    for hosts in ((), ("127.0.0.1",), ("example.org",)):
        with pytest.raises(DocumentInvalid, match="leaves the document") as caught:
            openapi.load(str(path), ref_hosts=hosts)
        assert caught.value.line == 11
        assert f"--allow-ref-host {host}" in caught.value.hint
    snapshot = openapi.load(str(path), ref_hosts=[host])
    assert openapi.resolve(snapshot.document, schema(snapshot)["properties"]["next"])["type"] == "string"
    assert openapi.problems(snapshot) == ()
    assert sorted(snapshot.files) == [f"http://{host}/last.json", f"http://{host}/more.yaml"]


def test_a_served_document_refers_beside_itself_when_its_host_is_allowed(tmp_path, served):
    folder, host = served
    write(folder, "more.yaml#/Order", more="Order: {type: integer}")
    with pytest.raises(DocumentInvalid, match="leaves the document"):
        openapi.load(f"http://{host}/api.yaml")
    assert schema(openapi.load(f"http://{host}/api.yaml", ref_hosts=[host])) == {"type": "integer"}


def test_an_address_that_the_document_gives_itself_is_no_other_document():
    text = {
        "openapi": "3.2.0",
        "$self": "https://example.org/api.json",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": {"A": {"$ref": "https://example.org/api.json#/components/schemas/B"}, "B": {}}},
    }
    snapshot = openapi.parse(json.dumps(text).encode(), source="test")
    assert snapshot.document["components"]["schemas"]["A"] == {"$ref": "#/components/schemas/B"}
    assert openapi.problems(snapshot) == ()


def test_a_repeated_key_is_told_with_both_lines():
    text = b'{\n "openapi": "3.1.0",\n "openapi": "3.0.0"\n}'
    with pytest.raises(DocumentError) as caught:
        openapi.parse(text, source="test")
    assert caught.value.line == 3
    assert "2" in caught.value.message


@pytest.fixture
def repository(tmp_path):
    def git(*arguments: str) -> None:
        identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    write(tmp_path, "#/info")
    git("add", "api.yaml")
    git("commit", "-q", "-m", "first")
    (tmp_path / "api.yaml").write_text("not a document any more")
    return tmp_path


@pytest.mark.parametrize("source", ["main:api.yaml", "HEAD:./api.yaml"])
def test_a_git_revision_is_a_source(repository, source):
    assert openapi.load(source, root=repository).title == "t"


@pytest.mark.parametrize("source", ["main:absent.yaml", "no-such-branch:api.yaml"])
def test_a_revision_that_is_not_there_says_so(repository, source):
    with pytest.raises(DocumentUnreachable):
        openapi.load(source, root=repository)


def test_an_option_is_not_a_revision(repository):
    with pytest.raises(DocumentUnreachable):
        openapi.load("--output=x:api.yaml", root=repository)
    assert not (repository / "x:api.yaml").exists()
