"""The consumer proof: names the broken line, never touches the consumer, never passes what it could not judge."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from olorin_pipelines.errors import UsageError
from olorin_pipelines.gate import Outcome
from olorin_pipelines.typegen import Toolchain, prove

TYPES = "src/api/schema.d.ts"


@pytest.fixture
def ask(types_of, toolchain):
    def ask(consumer, old, new, types=TYPES):
        return prove(
            consumer,
            name="front",
            types=types,
            old=None if old is None else types_of(old),
            new=types_of(new),
            toolchain=toolchain,
        )

    return ask


@pytest.fixture
def without_score(document):
    """The document after its consumers' property was removed."""
    changed = json.loads(json.dumps(document))
    case = changed["components"]["schemas"]["Case"]
    del case["properties"]["risk_score"]
    case["required"].remove("risk_score")
    return changed


def fingerprint(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        for path in folder.rglob("*")
    }


def test_a_removed_response_property_breaks_at_its_line(ask, write_consumer, document, without_score):
    consumer = write_consumer(files={TYPES: "export type stale = 1;\n"})
    before = fingerprint(consumer)
    proof = ask(consumer, document, without_score)
    assert proof.outcome is Outcome.FAIL
    assert [(found.file, found.line, found.code) for found in proof.breaks] == [("src/index.ts", 6, "TS2339")]
    assert proof.summary.startswith("breaks at src/index.ts:6 (TS2339): Property 'risk_score' does not exist on type")
    assert proof.already_broken == ()
    assert fingerprint(consumer) == before


def test_a_request_property_that_became_required_breaks(ask, write_consumer, document):
    changed = json.loads(json.dumps(document))
    changed["components"]["schemas"]["NewCase"]["required"].append("owner")
    proof = ask(write_consumer(), document, changed)
    assert proof.outcome is Outcome.FAIL
    assert [(found.line, found.code) for found in proof.breaks] == [(9, "TS2741")]


def test_an_added_property_breaks_nothing(ask, write_consumer, document, without_score):
    document["components"]["schemas"]["Case"]["properties"]["note"] = {"type": "string"}
    consumer = write_consumer('import type { paths } from "./api/schema";\nexport type P = paths;\n')
    proof = ask(consumer, without_score, document)
    assert (proof.outcome, proof.breaks) == (Outcome.PASS, ())


def test_a_consumer_that_was_broken_before_gives_no_answer(ask, write_consumer, document, without_score):
    proof = ask(write_consumer(), without_score, document)
    assert proof.outcome is Outcome.NO_DATA
    assert "does not compile against the old types either: src/index.ts:6 (TS2339)" in proof.summary
    assert [found.line for found in proof.already_broken] == [6]


def test_what_breaks_anew_is_told_apart_from_what_was_broken(ask, write_consumer, document, without_score):
    consumer = write_consumer(files={"src/old.ts": "export const wrong: string = 1;\n"})
    proof = ask(consumer, document, without_score)
    assert proof.outcome is Outcome.FAIL
    assert [found.file for found in proof.breaks] == ["src/index.ts"]
    assert [found.file for found in proof.already_broken] == ["src/old.ts"]


def test_a_place_that_was_broken_before_is_no_new_break_when_its_message_changes(ask, write_consumer, document):
    changed = json.loads(json.dumps(document))
    changed["components"]["schemas"]["Case"]["properties"]["note"] = {"type": "string"}
    index = 'import type { components as c } from "./api/schema";\nexport type A = c["schemas"]["Case"]["absent"];\n'
    proof = ask(write_consumer(index), document, changed)
    assert proof.outcome is Outcome.NO_DATA
    assert proof.breaks == ()


def test_without_old_types_there_is_nothing_to_compare(ask, write_consumer, document):
    assert ask(write_consumer(), None, document).outcome is Outcome.NOT_APPLICABLE


def test_unchanged_types_pass_at_once(ask, write_consumer, document):
    proof = ask(write_consumer(), document, document)
    assert (proof.outcome, proof.summary) == (Outcome.PASS, "the types did not change")


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"tsconfig.json": '{"extends": "./absent.json"}'}, "cannot be compiled"),
        ({"tsconfig.json": '{"files": [], "references": [{"path": "./a"}]}'}, "imports src/api/schema.d.ts"),
        ({"src/index.ts": "export const alone = 1;\n"}, "nothing that its tsconfig.json includes imports"),
        ({"src/api/schema.ts": "export interface paths {}; export type components = any;"}, "nothing that its"),
    ],
)
def test_a_project_that_proves_nothing_is_never_green(ask, write_consumer, document, without_score, files, said):
    proof = ask(write_consumer(files=files), document, without_score)
    assert proof.outcome is Outcome.NO_DATA
    assert said in proof.summary


def test_a_folder_without_a_project_gives_no_answer(ask, tmp_path, document, without_score):
    proof = ask(tmp_path, document, without_score)
    assert proof.outcome is Outcome.NO_DATA
    assert "no tsconfig.json" in proof.summary


def test_options_that_typescript_7_removed_are_judged_by_5_9(ask, write_consumer, document, without_score):
    options = {"strict": True, "module": "commonjs", "moduleResolution": "node10", "baseUrl": "."}
    proof = ask(write_consumer(options=options), document, without_score)
    assert [(found.line, found.code) for found in proof.breaks] == [(6, "TS2339")]


def test_a_composite_project_and_a_shared_tsconfig_above_it_work(ask, write_consumer, document, without_score):
    consumer = write_consumer(
        files={
            "tsconfig.json": '{"extends": "../../tsconfig.base.json", "include": ["src"]}',
            "../../tsconfig.base.json": json.dumps(
                {"compilerOptions": {"strict": True, "composite": True, "declarationMap": True, "outDir": "dist"}}
            ),
            "../../.git/HEAD": "",
            "../../packages/common/index.ts": "export const common: string = 'x';\n",
            "node_modules/dependency/index.d.ts": "export const dependency: string;\n",
            "src/more.ts": (
                'import { common } from "../../../packages/common/index";\n'
                'import { dependency } from "dependency";\n'
                "export const both = common + dependency;\n"
            ),
        }
    )
    proof = ask(consumer, document, without_score)
    assert [(found.file, found.line) for found in proof.breaks] == [("src/index.ts", 6)]
    assert proof.already_broken == ()


def test_new_types_that_do_not_compile_never_pass(ask, write_consumer, document):
    changed = json.loads(json.dumps(document))
    changed["components"]["schemas"]["Case"]["properties"]["risk_score"] = {"$ref": "#/components/schemas/Absent"}
    options = {"strict": True, "module": "esnext", "moduleResolution": "bundler", "skipLibCheck": True}
    proof = ask(write_consumer(options=options), document, changed)
    assert proof.outcome is Outcome.NO_DATA
    assert "the new types do not compile themselves: schema.d.ts" in proof.summary


@pytest.mark.parametrize("types", ["../x.d.ts", "/etc/x.d.ts", "src/../../x.ts", "", "src\\x.ts", "src/x", "a\0.ts"])
def test_a_types_file_outside_the_consumer_is_refused(ask, write_consumer, document, types):
    with pytest.raises(UsageError, match="not the path of a TypeScript file inside the consumer"):
        ask(write_consumer(), document, document, types)


def test_a_types_file_behind_a_link_is_refused_and_not_written(ask, write_consumer, document, without_score, tmp_path):
    consumer = write_consumer()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (consumer / "linked").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="behind a symbolic link"):
        ask(consumer, document, without_score, "linked/schema.d.ts")
    assert list(elsewhere.iterdir()) == []


def test_a_compiler_that_hangs_is_ended_and_gives_no_answer(
    types_of, toolchain, write_consumer, document, without_score, tmp_path
):
    compiler = tmp_path / "modules" / "@typescript" / "typescript-none" / "lib" / "tsc"
    compiler.parent.mkdir(parents=True)
    compiler.write_text("#!/bin/sh\nexec sleep 60\n")
    compiler.chmod(0o755)
    proof = prove(
        write_consumer(),
        name="front",
        types=TYPES,
        old=types_of(document),
        new=types_of(without_score),
        toolchain=Toolchain(node=toolchain.node, modules=tmp_path / "modules"),
        timeout=0.3,
    )
    assert proof.outcome is Outcome.NO_DATA
    assert "its compiler gave no answer: tsc did not end within 0.3 s" in proof.summary


def test_a_consumer_that_is_not_there_gives_no_answer(ask, tmp_path, document, without_score):
    proof = ask(tmp_path / "absent", document, without_score)
    assert (proof.outcome, proof.summary) == (Outcome.NO_DATA, f"{tmp_path / 'absent'} is not there")


def test_a_break_in_tests_alone_is_told_as_that(ask, write_consumer, document, without_score):
    index = 'import type { paths } from "./api/schema";\nexport type P = paths;\n'
    reads = (
        'import type { components as c } from "../api/schema";\nexport type R = c["schemas"]["Case"]["risk_score"];\n'
    )
    proof = ask(write_consumer(index, files={"src/__tests__/case.ts": reads}), document, without_score)
    assert proof.outcome is Outcome.FAIL
    assert proof.only_tests
    assert proof.summary.startswith("breaks only in its tests, at src/__tests__/case.ts:2")


def test_a_client_that_is_not_in_git_is_laid_into_the_copy(ask, write_consumer, document, without_score):
    index = (
        'import type { components } from "./api/schema";\nimport { operations } from "./api/validators";\n'
        'export const known: readonly string[] = operations;\nexport type C = components["schemas"]["Case"];\n'
    )
    consumer = write_consumer(index)
    proof = ask(consumer, document, without_score)
    assert (proof.outcome, proof.already_broken) == (Outcome.PASS, ())
    assert not (consumer / "src/api/validators.d.ts").exists()


@pytest.mark.slow
def test_ten_thousand_files_are_judged(ask, write_consumer, document, without_score):
    files = {f"src/many/file{number}.ts": f"export const value{number} = {number};\n" for number in range(10_000)}
    proof = ask(write_consumer(files=files), document, without_score)
    assert [(found.file, found.line) for found in proof.breaks] == [("src/index.ts", 6)]
