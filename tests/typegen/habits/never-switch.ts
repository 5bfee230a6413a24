// Never switch.
import { type Order, plain, first } from "./shared.ts";
function label(state: Order["state"]): string { switch (state) {
  case "new": return "n";
  case "paid": return "p";
  case "sent": return "s";
  default: {
    const never: never = state;
    throw new Error(`what is ${never}`);
  }
} }

export async function run(base: string): Promise<void> {
  plain(label((await first(base)).state));
}
