// A reducer of unknown.
import { type Order, plain, first } from "./shared.ts";
interface Action {
  type: string;
  payload?: unknown;
}
const reduce = (state: string, action: Action): string => action.type === "loaded" ? (action.payload as Order).state.toUpperCase() : state;

export async function run(base: string): Promise<void> {
  plain(reduce("-", { type: "loaded", payload: await first(base) }));
}
