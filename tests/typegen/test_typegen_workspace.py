"""A workspace is one consumer: each of its projects is proved, and links between its packages lead to the new types."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from test_typegen_matrix import removed
from tickets import tickets

from olorin_pipelines import openapi, typegen
from olorin_pipelines.diff import diff
from olorin_pipelines.pipeline.checking import check_consumer, find_projects
from olorin_pipelines.pipeline.impact import Answer

OPTIONS = {
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom"],
    "types": [],
    "strict": True,
    "composite": True,
}
USE = """\
export async function first(base: string): Promise<string> {
  const list = (await (await fetch(`${base}/tickets`)).json()) as List;
  return list.items[0]!.title;
}
"""


def write(root: Path, files: dict[str, object]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content if isinstance(content, str) else json.dumps(content))
    return root


def workspace(root: Path, *, linked: bool) -> Path:
    """Write two packages, the second of which uses the types of the first through its name."""
    paths = {} if linked else {"paths": {"@acme/api": ["./packages/api/src/index.ts"]}}
    extends = "../../tsconfig.base.json"
    write(
        root,
        {
            "tsconfig.json": {"files": [], "references": [{"path": "./packages/api"}, {"path": "./packages/app"}]},
            "tsconfig.base.json": {"compilerOptions": {**OPTIONS, **paths}},
            "packages/api/package.json": {"name": "@acme/api", "exports": {".": "./src/index.ts"}},
            "packages/api/tsconfig.json": {"extends": extends, "include": ["src"]},
            "packages/api/src/index.ts": """\
import type { components } from "./schema";
export type List = components["schemas"]["TicketList"];
""",
            "packages/app/tsconfig.json": {
                "extends": extends,
                "include": ["src"],
                "references": [{"path": "../api"}],
            },
            "packages/app/src/main.ts": f'import type {{ List }} from "@acme/api";\n{USE}',
        },
    )
    if linked:
        (root / "node_modules" / "@acme").mkdir(parents=True)
        (root / "node_modules" / "@acme" / "api").symlink_to("../../packages/api")
    return root


def test_a_project_that_only_lists_others_stands_for_all_of_them(tmp_path):
    root = workspace(tmp_path, linked=True)
    assert find_projects(root, "tsconfig.json") == ["packages/api/tsconfig.json", "packages/app/tsconfig.json"]
    assert find_projects(root, "packages/app/tsconfig.json") == ["packages/app/tsconfig.json"]


@pytest.mark.slow
@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize("tsconfig", ["tsconfig.json", "packages/app/tsconfig.json"])
def test_what_breaks_in_one_package_is_found_wherever_the_types_are(linked, tsconfig, store, toolchain, tmp_path):
    document = tickets()
    removed("title", "Ticket")(document)
    old, new = (openapi.parse(json.dumps(one).encode(), source="tickets") for one in (tickets(), document))
    bundles = tuple(
        typegen.generate(one.canonical, digest=one.digest, store=store, toolchain=toolchain) for one in (old, new)
    )
    found = check_consumer(
        workspace(tmp_path, linked=linked),
        name="workspace",
        types="packages/api/src/schema.d.ts",
        tsconfig=tsconfig,
        old=old,
        new=new,
        findings=diff(old, new),
        bundles=bundles,
    )
    assert found.worst is not None
    assert found.worst.answer is Answer.BREAKS, found.worst.because
    assert found.worst.place.startswith("packages/app/src/main.ts:4:")
