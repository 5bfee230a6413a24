// A getter through a proxy.
import { plain, first } from "./shared.ts";
const traced = <T extends object>(x: T): T => new Proxy(x, { get: (t, k) => Reflect.get(t, k) });

export async function run(base: string): Promise<void> {
  plain(traced(await first(base)).state.toUpperCase());
}
