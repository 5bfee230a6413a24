import { create, remove, titles, weight } from "./tickets.ts";

declare const process: { argv: string[] };
const base = process.argv[2] ?? "";

function expect(good: boolean, what: string): void {
  if (!good) throw new Error(what);
}

const found = await titles(base);
expect(found.length > 0 && found.every((title) => /^(to do|done): /.test(title)), `titles ${found.join()}`);
expect((await create(base, "a lamp is broken")).length > 0, "created without an id");
expect(Number.isFinite(await weight(base, "t1")), "no weight");
await remove(base, "t1");
