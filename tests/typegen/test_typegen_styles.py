"""Ways to write a consumer, each run against a changed service: none that breaks there is told "no break found"."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from keeping import serving
from test_typegen_matrix import added, gone, optional, path_renamed, prop, removed
from tickets import tickets

from olorin_pipelines import openapi, typegen
from olorin_pipelines.diff import diff
from olorin_pipelines.pipeline.checking import check_consumer
from olorin_pipelines.pipeline.impact import Answer

BREAKS, CANNOT_TELL, NO_BREAK = Answer.BREAKS, Answer.CANNOT_TELL, Answer.NO_BREAK

HEAD = """\
import type { components, paths } from "./api/schema";
export type Ticket = components["schemas"]["Ticket"];
export type List = components["schemas"]["TicketList"];
export type NewTicket = components["schemas"]["NewTicket"];
export type Paths = paths;
const JSONS = { "content-type": "application/json" };
function must(good: boolean, what: string): void { if (!good) throw new Error(what); }
async function list(base: string): Promise<List> {
  const answer = await fetch(`${base}/tickets`);
  must(answer.ok, `status ${answer.status}`);
  return (await answer.json()) as List;
}
export const send = { JSONS, list };
"""
CLIENT = 'import createClient from "openapi-fetch";\n'


class Style(NamedTuple):
    """What a consumer's `run(base)` does, and the answers to kinds of change."""

    name: str
    code: str
    answers: dict[str, Answer]
    head: str = ""


CHANGES = {
    "title optional": optional("title", "Ticket"),
    "title removed": removed("title", "Ticket"),
    "title nullable": prop("title", "Ticket", type=["string", "null"]),
    "email optional": optional("email", "Owner"),
    "priority optional": optional("priority", "Ticket"),
    "status added": prop("status", "Ticket", enum=["open", "closed", "waiting"]),
    "kind gone": prop("kind", "NewTicket", enum=["task"]),
    "team required": added("team", "NewTicket"),
    "delete gone": gone("/tickets/{id}", "delete"),
    "path renamed": path_renamed("/tickets", "/issues"),
}
STYLES = (
    Style(
        "a checked client",
        """const client = createClient<Paths>({ baseUrl: base });
        const { data } = await client.GET("/tickets", { params: { query: { status: "open" } } });
        for (const { title, owner: { email } } of data!.items) must(title.length + email.length > 0, "nothing");""",
        {"title optional": BREAKS, "email optional": BREAKS, "path renamed": BREAKS, "delete gone": NO_BREAK},
        CLIENT,
    ),
    Style(
        "fetch by another name",
        """const send = fetch;
        const answer = await send(`${base}/tickets?status=open`);
        must(answer.ok, "status");""",
        {"path renamed": BREAKS},
    ),
    Style(
        "fetch handed in",
        """const drop = async (http: typeof fetch) => {
          must((await http(`${base}/tickets/t1`, { method: "DELETE" })).ok, "kept");
        };
        await drop((url, init) => fetch(url, init));""",
        {"delete gone": BREAKS},
    ),
    Style(
        "a request made before",
        """const wanted = new Request(`${base}/tickets/t1`, { method: "DELETE" });
        must((await fetch(wanted)).ok, "kept");""",
        {"delete gone": BREAKS},
    ),
    Style(
        "an address in parts",
        """const url = (...parts: string[]) => [base, ...parts].join("/");
        must((await fetch(url("tickets", "t1"), { method: "DELETE" })).ok, "kept");""",
        {"delete gone": CANNOT_TELL},
    ),
    Style(
        "insists on a member",
        """for (const one of (await list(base)).items) {
          must("title" in one, "no title");
          if (!one.priority) throw new Error("no priority");
        }""",
        {"title optional": CANNOT_TELL, "priority optional": CANNOT_TELL, "email optional": NO_BREAK},
    ),
    Style(
        "a loose table of labels",
        """const labels: { [name: string]: string } = { open: "to do", closed: "done" };
        for (const one of (await list(base)).items) must(labels[one.status]!.length > 0, "no label");""",
        {"status added": CANNOT_TELL},
    ),
    Style(
        "a record of the enum",
        """const labels: Record<Ticket["status"], string> = { open: "to do", closed: "done" };
        for (const one of (await list(base)).items) must(labels[one.status].length > 0, "no label");""",
        {"status added": BREAKS},
    ),
    Style(
        "keys in a list",
        """const keys = ["id", "title"] as const satisfies readonly (keyof Ticket)[];
        const texts = (await list(base)).items.flatMap((one) => keys.map((key) => one[key].toString()));
        must(texts.every((text) => text.length > 0), "nothing");""",
        {"title optional": BREAKS, "title removed": BREAKS},
    ),
    Style(
        "a key for a function",
        """const pluck = <T, K extends keyof T>(all: T[], key: K): T[K][] => all.map((one) => one[key]);
        must(!pluck((await list(base)).items, "title").map(String).includes("undefined"), "no title");""",
        {"title optional": CANNOT_TELL, "title removed": BREAKS, "email optional": NO_BREAK},
    ),
    Style(
        "an indexed access",
        """type Item = Paths["/tickets"]["get"]["responses"]["200"]["content"]["application/json"]["items"][number];
        const sizes: Item["priority"][] = (await list(base)).items.map((one) => one.priority);
        must(Math.max(...sizes) > 0, "no size");""",
        {"priority optional": BREAKS},
    ),
    Style(
        "a body that satisfies",
        """const body = { title: "a lamp is broken", kind: "bug" } satisfies NewTicket;
        const init = { method: "POST", headers: JSONS, body: JSON.stringify(body) };
        must((await fetch(`${base}/tickets`, init)).ok, "refused");""",
        {"kind gone": BREAKS, "team required": BREAKS},
    ),
    Style(
        "a body of its own",
        """const body = JSON.stringify({ title: "a lamp is broken", kind: "bug" });
        must((await fetch(`${base}/tickets`, { method: "POST", headers: JSONS, body })).ok, "refused");""",
        {"kind gone": CANNOT_TELL, "team required": CANNOT_TELL},
    ),
    Style(
        "a value nobody knows",
        """const look = (one: unknown) => (one as { title: string }).title.length;
        must(look((await list(base)).items[0]) > 0, "no title");""",
        {"title optional": CANNOT_TELL, "title removed": CANNOT_TELL},
    ),
    Style(
        "a guard by hand",
        """const isTicket = (one: unknown): one is Ticket => typeof one === "object" && one !== null && "owner" in one;
        for (const one of (await list(base)).items as unknown[]) must(isTicket(one), "no ticket");""",
        {"title removed": CANNOT_TELL},
    ),
    Style(
        "a looser type of its own",
        """interface Row { id: string; title?: string; owner: { email?: string } }
        const rows: Row[] = (await list(base)).items;
        must(rows.every((row) => row.title!.length + row.owner.email!.length >= 0), "nothing");""",
        {"title removed": CANNOT_TELL, "title optional": CANNOT_TELL, "email optional": CANNOT_TELL},
    ),
    Style(
        "a type that repeats",
        """type Mine = Omit<Ticket, "title"> & { title: string };
        const answer = await fetch(`${base}/tickets/t1`);
        must(((await answer.json()) as Mine).title.length > 0, "no title");""",
        {"title removed": CANNOT_TELL},
    ),
    Style(
        "a cache of anything",
        """const cache = new Map();
        for (const one of (await list(base)).items) cache.set(one.id, one);
        for (const one of cache.values()) must(one.title.length + one.owner.email.length >= 0, "nothing");""",
        {"title removed": CANNOT_TELL, "email optional": CANNOT_TELL},
    ),
    Style(
        "nothing is an error",
        """const fail = (what: string): never => { throw new Error(what); };
        for (const one of (await list(base)).items) one.owner.email ?? fail("no email");""",
        {"email optional": CANNOT_TELL},
    ),
    Style(
        "nothing in a text",
        """for (const one of (await list(base)).items) must(`${one.title?.length}` !== "undefined", "no title");""",
        {"title optional": CANNOT_TELL},
    ),
    Style(
        "a default for nothing",
        """for (const { title = "none" } of (await list(base)).items) must(`${title}` !== "null", "no title");""",
        {"title optional": NO_BREAK, "title nullable": CANNOT_TELL},
    ),
    Style(
        "a text taken for the enum",
        """const kind: string = "bug";
        const client = createClient<Paths>({ baseUrl: base });
        const { response } = await client.POST("/tickets", { body: { title: "x", kind: kind as NewTicket["kind"] } });
        must(response.ok, "refused");""",
        {"kind gone": CANNOT_TELL},
        CLIENT,
    ),
    Style(
        "a draft that was stored",
        """const draft = JSON.parse('{"title": "a lamp is broken", "kind": "bug"}') as NewTicket;
        const client = createClient<Paths>({ baseUrl: base });
        must((await client.POST("/tickets", { body: draft })).response.ok, "refused");""",
        {"kind gone": CANNOT_TELL, "team required": CANNOT_TELL},
        CLIENT,
    ),
    Style(
        "a body as never",
        """const form = { title: "a lamp is broken", kind: "bug" };
        const client = createClient<Paths>({ baseUrl: base });
        must((await client.POST("/tickets", { body: form as never })).response.ok, "refused");""",
        {"kind gone": CANNOT_TELL, "team required": CANNOT_TELL},
        CLIENT,
    ),
    Style(
        "a typed client called anywhere",
        """const client = createClient<Paths>({ baseUrl: base });
        const { response } = await client.DELETE(["", "tickets", "t1"].join("/") as never, {} as never);
        must(response.ok, "kept");""",
        {"delete gone": CANNOT_TELL},
        CLIENT,
    ),
    Style(
        "a client handed in",
        """interface Http { delete(path: string): Promise<boolean> }
        const drop = { method: "DELETE" };
        const http: Http = { delete: async (path) => (await globalThis["fetch"](base + path, drop)).ok };
        must(await http.delete("/tickets/t1"), "kept");""",
        {"delete gone": BREAKS},
    ),
)
CELLS = [(style, change) for style in STYLES for change in style.answers]
OPTIONS = {
    "target": "es2022",
    "module": "esnext",
    "moduleResolution": "bundler",
    "lib": ["es2022", "dom"],
    "types": [],
    "strict": True,
    "noEmit": True,
}


def written(folder: Path, style: Style, modules: Path) -> Path:
    (folder / "src" / "api").mkdir(parents=True)
    (folder / "tsconfig.json").write_text(json.dumps({"compilerOptions": OPTIONS, "include": ["src"]}))
    code = f"{style.head}{HEAD}export async function run(base: string): Promise<void> {{\n{style.code}\n}}\n"
    (folder / "src" / "index.ts").write_text(code)
    (folder / "run.mjs").write_text('import { run } from "./src/index.ts";\nawait run(process.argv[2]);\n')
    (folder / "node_modules").symlink_to(modules)
    return folder


def breaks(consumer: Path, document: dict, node: Path) -> str:
    with serving(document) as url:
        ended = subprocess.run(
            [str(node), "run.mjs", url], cwd=consumer, capture_output=True, text=True, timeout=60, check=False
        )
    return ended.stderr if ended.returncode else ""


@pytest.mark.slow
@pytest.mark.parametrize(("style", "change"), CELLS, ids=[f"{style.name}: {change}" for style, change in CELLS])
def test_a_way_to_write_a_consumer_gets_its_answer(style, change, store, toolchain, tmp_path):
    consumer = written(tmp_path / "consumer", style, toolchain.modules)
    assert breaks(consumer, tickets(), toolchain.node) == ""
    document = tickets()
    CHANGES[change](document)
    old, new = (openapi.parse(json.dumps(one).encode(), source="tickets") for one in (tickets(), document))
    bundles = tuple(
        typegen.generate(one.canonical, digest=one.digest, store=store, toolchain=toolchain) for one in (old, new)
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
    assert found.worst is not None
    assert found.worst.answer is style.answers[change], found.worst.because
    if found.worst.answer is NO_BREAK:
        assert breaks(consumer, document, toolchain.node) == ""
