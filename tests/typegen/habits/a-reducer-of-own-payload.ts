// A reducer of own payload.
import { plain, first } from "./shared.ts";
interface Action {
  type: string;
  payload: unknown;
}
const reduce = (state: string, action: Action): string => (action.payload as {
  state: string;
}).state.toUpperCase() + state;

export async function run(base: string): Promise<void> {
  const action: Action = { type: "loaded", payload: await first(base) };
  plain(reduce("-", action));
}
