// Own shape checker.
import { plain, first } from "./shared.ts";
function parse<T extends object>(shape: Record<string, string>, data: T): T { for (const [key, kind] of Object.entries(shape))
  if (typeof (data as Record<string, unknown>)[key] !== kind)
    throw new Error(`${key} is no ${kind}`); return data; }
const shape = { state: "string", total: "number" };

export async function run(base: string): Promise<void> {
  plain(parse(shape, await first(base)).id);
}
