// Own shape checker on unknown.
import { type Order, must, plain } from "./shared.ts";
function parse<T>(shape: Record<string, string>, data: unknown): T { for (const [key, kind] of Object.entries(shape))
  if (typeof (data as any)[key] !== kind)
    throw new Error(`${key} is no ${kind}`); return data as T; }
const shape = { state: "string", total: "number" };

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders/1`);
  must(a.ok, "s");
  plain(parse<Order>(shape, await a.json()).id);
}
