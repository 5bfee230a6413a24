// An inferred any.
import { plain, first } from "./shared.ts";
const load = async (base: string) => { const one = await first(base); return { one: one as any }; };

export async function run(base: string): Promise<void> {
  const { one } = await load(base);
  plain(one.state.toUpperCase() + one.customer.email.length);
}
