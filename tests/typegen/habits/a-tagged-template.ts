// A tagged template.
import { plain, first } from "./shared.ts";
const html = (parts: TemplateStringsArray, ...values: unknown[]) => parts.map((p, i) => p + (i < values.length ? String(values[i]) : "")).join("");

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain(html `${one.state} ${one.total} ${one.customer.email}`);
}
