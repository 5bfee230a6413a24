// A memo.
import { plain, first } from "./shared.ts";
const memo = new Map<string, unknown>();
async function once<T>(key: string, make: () => Promise<T>): Promise<T> { if (!memo.has(key))
  memo.set(key, await make()); return memo.get(key) as T; }

export async function run(base: string): Promise<void> {
  plain((await once("o", () => first(base))).state.toUpperCase());
}
