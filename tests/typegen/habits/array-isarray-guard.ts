// Array.isArray guard.
import { must, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one: unknown = (await first(base)).tags;
  if (!Array.isArray(one))
    throw new Error("no list");
  const t = (await first(base)).tags;
  must(t.concat([]).length >= 0, "x");
  must(Array.isArray(t), "x");
}
