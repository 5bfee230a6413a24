// A callback typed by hand.
import { plain, first } from "./shared.ts";
const load = async (base: string, then: (one: {
  state?: string;
  total?: number;
}) => string) => then(await first(base));

export async function run(base: string): Promise<void> {
  plain(await load(base, (one) => one.state!.toUpperCase() + one.total!.toFixed(1)));
}
