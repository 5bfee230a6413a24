// Own view with unknown members.
import { plain, first } from "./shared.ts";
interface View {
  id: unknown;
  total: unknown;
  placed: unknown;
}

export async function run(base: string): Promise<void> {
  const v: View = await first(base);
  plain((v.total as number).toFixed(1));
  plain(new Date(`${v.placed as string}T00:00:00Z`).getTime());
}
