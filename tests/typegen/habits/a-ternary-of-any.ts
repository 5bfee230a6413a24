// A ternary of any.
import { plain, first } from "./shared.ts";
const none: any = null;

export async function run(base: string): Promise<void> {
  const one = Math.random() > 2 ? none : await first(base);
  plain(one.state.toUpperCase());
}
