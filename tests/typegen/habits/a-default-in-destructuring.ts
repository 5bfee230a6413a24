// A default in destructuring.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const { state = "new", note = "none", customer: { email = "-", name = "-" } } = await first(base);
  plain(`${state} ${note} ${email} ${name}`);
}
