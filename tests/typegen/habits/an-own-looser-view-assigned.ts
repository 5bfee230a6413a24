// An own looser view assigned.
import { plain, first } from "./shared.ts";
interface View {
  id: string;
  state?: string;
  customer?: {
    name?: string;
    email?: string;
  };
}

export async function run(base: string): Promise<void> {
  const v: View = await first(base);
  plain(v.customer!.email!.length);
}
