// An injected client.
import { type Order, must, plain } from "./shared.ts";
interface Http {
  get<T>(path: string): Promise<T>;
  delete(path: string): Promise<boolean>;
}
const http = (base: string): Http => ({ get: async (path) => (await (await globalThis["fetch"](base + path)).json()), delete: async (path) => (await globalThis["fetch"](base + path, { method: "DELETE" })).ok });

export async function run(base: string): Promise<void> {
  const h = http(base);
  plain((await h.get<Order>("/orders/1")).state.toUpperCase());
  must(await h.delete("/orders/1"), "kept");
}
