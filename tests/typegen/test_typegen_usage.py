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


ASKED = """\
import type { components } from "./api/schema";
type Case = components["schemas"]["Case"];
declare function must(good: boolean): void;
export const a = (one: Case) => must("title" in one);
export const b = (one: Case) => ("title" in one ? 1 : 0);
export function c(one: Case): void { if (!one.title) throw new Error("no title"); }
export const d = (one: Case) => must(Object.hasOwn(one, "title") && one.title !== undefined);
export const e = (one: Case) => String(one.title || "none");
"""


def test_a_question_whose_no_is_an_error_expects_no_absence(usage):
    ways = {(use.line, use.way) for use in usage(ASKED).uses if use.path[-1] == "title"}
    assert ways == {(4, "read"), (5, "guarded"), (6, "read"), (7, "read"), (8, "guarded")}


POINTED = """\
import type { components } from "./api/schema";
type Case = components["schemas"]["Case"];
declare function sortBy<T>(all: T[], key: string): T[];
declare function pick<T, K extends keyof T>(one: T, keys: K[]): Pick<T, K>;
export const a = (all: Case[]) => sortBy(all, "title");
export const b = (one: Case) => pick(one, ["title"]);
export const c = (all: Case[]) => sortBy(all, "other");
"""


BY_KEY = """\
import type { components } from "./api/schema";
type Case = components["schemas"]["Case"];
const shown: (keyof Case)[] = ["title"];
function texts<T extends object>(one: T, keys: (keyof T)[]): string[] { return keys.map((key) => String(one[key])); }
const first = <T>(all: T[]): T | undefined => all[0];
export const a = (one: Case) => texts(one, shown);
export const b = (all: Case[]) => first(all);
"""


def test_data_given_to_a_function_that_reads_by_key_may_be_read_as_a_whole(usage):
    assert {(use.line, use.path[-1]) for use in usage(BY_KEY).uses if use.way == "dynamic"} == {(6, "Case")}


def test_a_member_that_a_text_beside_the_data_names_is_read(usage):
    assert {use.line for use in usage(POINTED).uses if use.path[-1] == "title"} == {5, 6}


SENT = """\
import type { components } from "./api/schema";
const send = fetch;
declare function elsewhere(address: string): void;
export const a = (base: string) => send(`${base}/cases`, { method: "POST" });
export const b = (base: string, http: typeof fetch) => http(base + "/cases");
export async function c(base: string): Promise<void> {
  const wanted = new Request(`${base}/cases`, { method: "POST" });
  await fetch(wanted);
}
export type Case = components["schemas"]["Case"];
"""


def test_what_sends_is_known_by_its_type_and_a_request_by_where_it_was_made(usage):
    found = usage(SENT)
    assert {(call.line, call.method, call.path) for call in found.calls} == {
        (4, "POST", "/cases"),
        (5, "GET", "/cases"),
        (8, "POST", "/cases"),
    }


def test_an_address_that_is_put_together_for_something_unknown_may_call(usage):
    found = usage(
        SENT.split("export const a")[0] + "export const a = (base: string) => elsewhere(`${base}/cases?x=1`);\n"
    )
    assert [(call.line, call.method, call.path, call.typed) for call in found.calls] == [(4, None, "/cases", False)]


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


FLOWS = """\
import type { components } from "./api/schema";
type Case = components["schemas"]["Case"];
type NewCase = components["schemas"]["NewCase"];
interface Row { title?: string; risk_score: number }
declare function send(body: NewCase): void;
declare function load<T>(): T;
const look = (row: unknown): string => (row as { title: string }).title;
const show = (row: unknown): string => `${row}`;
export const a = (one: Case) => look(one);
export const b = (one: Case) => show(one);
export const c = (one: Case): object => one;
export const d = (one: Case): Row => one;
export const e = (one: Case) => one as { title: string };
export const f = (form: any) => send(form);
export const g = (text: string) => send(JSON.parse(text) as NewCase);
export const h = (form: { title: string; owner: string }) => send(form);
export const i = (cache: Map<string, any>, one: Case) => cache.set(one.title, one);
"""


def test_a_value_is_followed_to_where_another_type_takes_it(usage):
    found = usage(FLOWS)
    assert {(escape.line, escape.kind) for escape in found.escapes} == {
        (9, "loose"),
        (11, "loose"),
        (14, "assumed"),
        (15, "assumed"),
        (17, "any"),
    }
    uses = {(use.line, use.path[-1], use.way) for use in found.uses if use.line > 8 and use.way in ("read", "write")}
    assert {(12, "title", "read"), (13, "title", "read"), (16, "title", "write"), (16, "owner", "write")} <= uses
    assert not any(line in (9, 10) for line, *_ in uses)


WAYS = """\
import type { components } from "./api/schema";
type Case = components["schemas"]["Case"];
declare function fail(what: string): never;
export const a = (one: Case) => one.title ?? fail("no title");
export const b = (one: Case) => one.title ?? "none";
export const c = ({ title = "none" }: Case) => `${title}`;
export const d = (one: Case) => one.title === undefined;
export const e = (one: Case) => `${one.title?.length}`;
export const f = (one: Case) => one.title?.length ?? 0;
export function g(one: Case): void { if (typeof one.title !== "string") throw new Error("no title"); }
export const h = (one: Case) => JSON.stringify({ one });
"""


def test_the_way_of_a_read_says_which_absence_it_expects(usage):
    ways = {use.line: use.way for use in usage(WAYS).uses if use.path[-1] == "title"}
    assert ways == {4: "read", 5: "guarded", 6: "defaulted", 7: "defaulted", 8: "read", 9: "guarded", 10: "read"}


def test_files_that_no_project_compiles_and_code_that_is_only_declared_are_told(
    write_consumer, types_of, toolchain, document
):
    case = 'import("./api/schema").components["schemas"]["Case"]'
    seen_from = case.replace("./", "../src/")
    consumer = write_consumer(
        f'import {{ label }} from "./label.js";\nexport const a = (one: {case}) => label(one);\n',
        options=OPTIONS,
        files={
            "src/label.d.ts": f"export function label(one: {case}): string;\n",
            "src/label.js": "export function label(one) { return one.title; }\n",
            "scripts/seed.ts": f'import {{ a }} from "../src/index";\nexport const b = (one: {seen_from}) => a(one);\n',
        },
    )
    found = usage_of(consumer, types=TYPES, bundle=types_of(document), toolchain=toolchain)
    assert {(str(escape.file), escape.line, escape.kind) for escape in found.escapes} == {
        ("src/index.ts", 2, "loose"),
        ("scripts/seed.ts", 1, "outside"),
    }
