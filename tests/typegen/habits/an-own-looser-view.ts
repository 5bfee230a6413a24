// An own looser view.
import { plain, first } from "./shared.ts";
interface View {
  id: string;
  state?: string;
  total?: number;
}
const show = (v: View) => `${v.state!.toUpperCase()} ${v.total!.toFixed(2)}`;

export async function run(base: string): Promise<void> {
  plain(show(await first(base)));
}
