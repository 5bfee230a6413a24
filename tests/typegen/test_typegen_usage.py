"""What a consumer does with the types: the operations it calls, and each place where it leaves them."""

from __future__ import annotations

import pytest

from olorin_pipelines.typegen import is_test_file, usage_of

TYPES = "src/api/schema.d.ts"
CALLS = """\
import type { operations, paths } from "./api/schema";
const BASE = "https://api.example.org";
const routes = { cases: "/cases" } as const;
declare const client: { POST<P extends keyof paths>(path: P): Promise<paths[P]> };
export const typed = () => client.POST("/cases");
export const built = () => fetch(`${BASE}${routes.cases}?limit=1`, { method: "POST" });
async function send(path: string, method: string): Promise<Response> {
  return fetch(BASE + path, { method });
}
export const through = () => send("/cases", "POST");
export const elsewhere = () => fetch("https://other.example.org/things");
export type Body = operations["create"]["requestBody"];
"""
ESCAPES = """\
import type { components } from "./api/schema";
type Case = components["schemas"]["Case"];
export const one = (found: Case) => (found as any).gone;
export const two = (found: Case) => (found as unknown as { gone: string }).gone;
export const three = { title: 1 } as unknown as Case;
function loose(value: any): void { console.log(value); }
export const four = (found: Case) => loose(found);
export const five = (found: Case) => found.title!.length;
// @ts-ignore
export const six = (found: Case) => found.gone;
export const seven = (address: string) => fetch(address);
export const eight = { title: "x" } as Case;
"""


@pytest.fixture
def usage(types_of, toolchain, write_consumer, document):
    def ask(index: str):
        return usage_of(
            write_consumer(index, options=OPTIONS), types=TYPES, bundle=types_of(document), toolchain=toolchain
        )

    return ask


OPTIONS = {"strict": True, "module": "esnext", "moduleResolution": "bundler", "lib": ["es2022", "dom"]}


def test_calls_are_found_with_their_operation_and_whether_the_types_check_them(usage):
    found = {(call.line, call.method, call.path, call.typed) for call in usage(CALLS).calls}
    assert {(5, "POST", "/cases", True), (6, "POST", "/cases", False), (10, "POST", "/cases", False)} <= found
    assert not any(line in (8, 11) for line, *_ in found), "neither the helper nor another server is a call of this API"


def test_an_operation_named_by_its_id_is_used(usage):
    found = usage(
        'import type { operations } from "./api/schema";\nexport type B = operations["create"]["requestBody"];\n'
    )
    assert found.operations == {"POST /cases": "src/index.ts:2"}


def test_every_way_past_the_types_is_told_with_its_line(usage):
    found = {(escape.line, escape.kind) for escape in usage(ESCAPES).escapes}
    assert found == {
        (3, "any"),
        (4, "cast"),
        (5, "cast"),
        (7, "any"),
        (8, "non-null"),
        (9, "ts-ignore"),
        (11, "fetch"),
        (12, "cast"),
    }


def test_the_use_of_a_member_tells_whether_null_is_expected_there(usage):
    found = usage(
        'import type { components } from "./api/schema";\ntype Case = components["schemas"]["Case"];\n'
        "export const a = (one: Case) => one.title ?? 1;\nexport const b = (one: Case) => one.title.length;\n"
        "export const c = ({ title }: Case) => title;\n"
    )
    ways = {use.line: use.way for use in found.uses if use.path[-1] == "title"}
    assert ways == {3: "guarded", 4: "read", 5: "read"}


@pytest.mark.parametrize(
    ("file", "test"),
    [
        ("src/case.test.ts", True),
        ("src/case.spec.tsx", True),
        ("src/__tests__/case.ts", True),
        ("e2e/login.ts", True),
        ("src/setupTests.ts", True),
        ("src/testing.ts", False),
        ("src/latest/case.ts", False),
        ("src/contest.ts", False),
    ],
)
def test_which_files_are_tests(file, test):
    assert is_test_file(file) is test
