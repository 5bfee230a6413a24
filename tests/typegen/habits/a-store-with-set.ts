// A store with set.
import { plain, first } from "./shared.ts";
class Store<T> {
  value: T | undefined;
  set(v: T) { this.value = v; }
}
const store = new Store<{
  state?: string;
}>();

export async function run(base: string): Promise<void> {
  store.set(await first(base));
  plain(store.value!.state!.toUpperCase());
}
