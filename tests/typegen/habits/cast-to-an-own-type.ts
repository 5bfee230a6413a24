// Cast to an own type.
import { plain, first } from "./shared.ts";
interface Mine {
  id: string;
  state: string;
  total: number;
}

export async function run(base: string): Promise<void> {
  const one = (await first(base)) as Mine;
  plain(one.state.toUpperCase());
  plain(one.total.toFixed(1));
}
