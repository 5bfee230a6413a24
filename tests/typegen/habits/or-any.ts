// || any.
import { plain, first } from "./shared.ts";
const none: any = { state: "x" };

export async function run(base: string): Promise<void> {
  const one = (await first(base)) || none;
  plain(one.state.toUpperCase());
}
