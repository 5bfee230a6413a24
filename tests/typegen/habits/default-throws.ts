// Default throws.
import { plain, first } from "./shared.ts";
function label(state: string): string { switch (state) {
  case "new": return "n";
  case "paid": return "p";
  case "sent": return "s";
  default: throw new Error(`what is ${state}`);
} }

export async function run(base: string): Promise<void> {
  plain(label((await first(base)).state));
}
