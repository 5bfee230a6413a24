// A returned object.
import { plain, first } from "./shared.ts";
const load = async (base: string): Promise<object> => first(base);

export async function run(base: string): Promise<void> {
  const one = (await load(base)) as {
    state: string;
  };
  plain(one.state.toUpperCase());
}
