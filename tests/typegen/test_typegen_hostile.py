"""A document that tries to become code: what is made of it compiles, and running it calls nothing of the document's."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from olorin_pipelines.errors import OlorinError
from olorin_pipelines.typegen import FrontEnd, Toolchain
from olorin_pipelines.typegen.compiler import compile_project
from tests.typegen.conftest import front_end, project
from tests.typegen.hostile import DOCUMENTS, TRIP

pytestmark = pytest.mark.slow

REFUSED = {
    "a broken escape in a reference",
    "a format string",
    "a reference into a constructor",
    "a reference to a file",
    "a reference to an address",
    "a reference to the root",
    "a reference that is no text",
    "properties that are a list",
    "schemas that are no schemas",
}
"""No types are made of these: references that lead nowhere or out, a percent sign in a name, things of another kind."""

RUN = """\
import { getResponse } from "msw";
let calls = 0;
globalThis.tripwire = () => { calls += 1; };
const bodies = [undefined, null, 0, -1, 1.5, "", "a", "aaaa!", [], ["a", 1], {}, { a: 1, b: { a: {} } },
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": 1, "toString": 2}'), true];
const told = {};
for (const name of %s) {
  const { operations, validateRequest, validateResponse } = await import(`./${name}/validators.js`);
  const { handlers } = await import(`./${name}/handlers.ts`);
  let violations = 0;
  for (const operation of [...operations, "GET /none", "__proto__", "constructor"]) {
    for (const body of bodies) {
      violations += validateRequest(operation, body).length;
      for (const status of [200, 404, NaN, "__proto__"]) violations += validateResponse(operation, status, body).length;
    }
  }
  let answers = 0;
  for (const handler of handlers("http://api.test")) {
    for (const path of ["/x", "/a/1", "/"]) {
      const request = new Request("http://api.test" + path, { method: handler.info.method });
      const answer = await getResponse([handler], request);
      if (answer) { await answer.text(); answers += 1; }
    }
  }
  told[name] = { violations, answers };
}
console.log(JSON.stringify({ calls, polluted: ({}).polluted ?? Object.prototype.polluted ?? null, told }));
"""


@pytest.fixture(scope="module")
def made(toolchain: Toolchain) -> dict[str, FrontEnd | OlorinError]:
    found: dict[str, FrontEnd | OlorinError] = {}
    for name, document in DOCUMENTS.items():
        try:
            found[name] = front_end(document, toolchain, timeout=30)
        except OlorinError as error:
            found[name] = error
    return found


@pytest.fixture(scope="module")
def folder(made: dict[str, FrontEnd | OlorinError], toolchain: Toolchain, tmp_path_factory) -> tuple[Path, list[str]]:
    root = project(tmp_path_factory.mktemp("hostile"), toolchain, {})
    names = []
    for number, each in enumerate(made.values()):
        if isinstance(each, FrontEnd):
            names.append(f"d{number}")
            (root / names[-1]).mkdir()
            for name, data in each.files.items():
                (root / names[-1] / name).write_bytes(data)
    return root, names


def test_there_are_enough_of_them():
    assert len(DOCUMENTS) >= 40
    assert sum(TRIP in json.dumps(document, ensure_ascii=False) for document in DOCUMENTS.values()) >= 40


def test_only_what_cannot_be_told_is_refused(made):
    refused = {name: str(each) for name, each in made.items() if isinstance(each, OlorinError)}
    assert refused.keys() == REFUSED, refused


def test_what_is_made_compiles(made, folder, toolchain):
    root, _ = folder
    found = compile_project(toolchain.native_compiler, ["-p", "."], directory=root, timeout=60)
    names = dict(zip(folder[1], (name for name, each in made.items() if isinstance(each, FrontEnd)), strict=True))
    wrong = {names[each.file.split("/")[0]]: str(each) for each in found.diagnostics}
    dangling = {"a reference with code in it", "a reference into a prototype"}
    assert wrong.keys() <= dangling, wrong
    assert found.faults == ()


def test_running_it_calls_nothing_and_pollutes_nothing(folder, toolchain):
    root, names = folder
    (root / "main.mjs").write_text(RUN % json.dumps(names))
    ended = subprocess.run(
        [toolchain.node, "main.mjs"], cwd=root, capture_output=True, text=True, timeout=100, check=False
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    said = json.loads(ended.stdout)
    assert (said["calls"], said["polluted"]) == (0, None)
    assert all(each["violations"] > 0 for each in said["told"].values())
    assert sum(each["answers"] for each in said["told"].values()) > len(names) / 2
