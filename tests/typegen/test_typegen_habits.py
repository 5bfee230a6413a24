"""Habits of consumers, each run against a service that was changed in each way: none that breaks was told it does not.

A habit is a file of `habits/`: its `run` throws when it does not work. `// @file` begins a further file of it, and
`// @options` replaces options of its compiler.
"""

from __future__ import annotations

import json
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest
from keeping import serving
from orders import CHANGES, orders

from olorin_pipelines import openapi, typegen
from olorin_pipelines.diff import diff
from olorin_pipelines.pipeline.checking import check_consumer
from olorin_pipelines.pipeline.impact import Answer

HABITS = sorted(path for path in (Path(__file__).parent / "habits").glob("*.ts") if path.stem != "shared")
OPTIONS = {
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom", "dom.iterable"],
    "types": [],
    "strict": True,
    "noEmit": True,
    "skipLibCheck": True,
    "allowImportingTsExtensions": True,
}
EVENTS = """\
declare module "node:events" {
  export class EventEmitter {
    on(name: string, listener: (...given: any[]) => void): this;
    emit(name: string, ...given: any[]): boolean;
  }
}
"""
RUN = """\
import { buildSync } from "esbuild";
const built = { platform: "node", format: "esm", outfile: "scripts/out.mjs", logLevel: "silent" };
buildSync({ entryPoints: ["src/index.ts"], bundle: true, ...built });
const { run } = await import("./scripts/out.mjs");
const said = [];
for (const url of process.argv.slice(2)) said.push(await run(url).then(() => "", (error) => `broke: ${error}`));
console.log(JSON.stringify(said));
process.exit(0);
"""


@pytest.fixture(scope="session")
def services():
    """Every document by the name of its change, "" for the old one, with the URL of a service that keeps it."""
    with ExitStack() as stack:
        found = {}
        for name, change in {"": lambda _document: None, **CHANGES}.items():
            document = orders()
            change(document)
            parsed = openapi.parse(json.dumps(document).encode(), source=name or "orders")
            found[name] = (parsed, stack.enter_context(serving(document)))
        yield found


def written(folder: Path, habit: Path, modules: Path) -> Path:
    first, *further = re.split(r"^// @file (.*)\n", habit.read_text(), flags=re.MULTILINE)
    options = re.search(r"^// @options (.*)$", first, flags=re.MULTILINE)
    chosen = {**OPTIONS, **(json.loads(options[1]) if options else {})}
    files = {
        "src/index.ts": first,
        "src/shared.ts": habit.with_name("shared.ts").read_text(),
        "src/node.d.ts": EVENTS,
        "tsconfig.json": json.dumps({"compilerOptions": chosen, "include": ["src"]}),
        "run.mjs": RUN,
        **dict(zip(further[::2], further[1::2], strict=True)),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "node_modules").symlink_to(modules)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("habit", HABITS, ids=[habit.stem for habit in HABITS])
def test_whoever_breaks_is_not_told_that_no_break_was_found(habit, services, store, toolchain, tmp_path):
    consumer = written(tmp_path / "consumer", habit, toolchain.modules)
    command = [str(toolchain.node), "run.mjs", *(url for _, url in services.values())]
    ended = subprocess.run(command, cwd=consumer, capture_output=True, text=True, timeout=300, check=True)
    said = dict(zip(services, json.loads(ended.stdout), strict=True))
    assert said.pop("") == ""
    old = services[""][0]
    told = {}
    for change, why in said.items():
        if why:
            new = services[change][0]
            bundles = tuple(
                typegen.generate(one.canonical, digest=one.digest, store=store, toolchain=toolchain)
                for one in (old, new)
            )
            found = check_consumer(
                consumer,
                name="consumer",
                types="src/api/schema.d.ts",
                tsconfig="tsconfig.json",
                old=old,
                new=new,
                findings=diff(old, new),
                bundles=bundles,
            )
            assert not found.proof.already_broken
            told[change] = (found.worst.answer if found.worst else Answer.NO_BREAK, why)
    assert {change: why for change, (answer, why) in told.items() if answer is Answer.NO_BREAK} == {}
