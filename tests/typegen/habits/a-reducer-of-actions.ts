// A reducer of actions.
import { plain, first } from "./shared.ts";
interface Action {
  type: string;
  payload?: any;
}
const reduce = (state: string, action: Action): string => action.type === "loaded" ? action.payload.state.toUpperCase() + action.payload.customer.email.length : state;

export async function run(base: string): Promise<void> {
  plain(reduce("-", { type: "loaded", payload: await first(base) }));
}
