// A returned any.
import { plain, first } from "./shared.ts";
const load = async (base: string): Promise<any> => first(base);

export async function run(base: string): Promise<void> {
  const one = await load(base);
  plain(one.state.toUpperCase() + one.customer.email.length);
}
