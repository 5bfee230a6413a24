// A wider primitive.
import { plain, first } from "./shared.ts";
const label = ({ state }: {
  state: string;
}): string => { switch (state) {
  case "new": return "n";
  case "paid": return "p";
  case "sent": return "s";
  default: throw new Error("what");
} };

export async function run(base: string): Promise<void> {
  plain(label(await first(base)));
}
