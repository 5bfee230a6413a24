// A script outside.
import { plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const { report } = await import("../scripts/report.ts" as string);
  plain(await report(base));
}

// @file scripts/report.ts
import type { components } from "../src/api/schema";
export async function report(base: string): Promise<string> { const a = await fetch(`${base}/orders/1`); if (!a.ok)
  throw new Error("s"); const one = (await a.json()) as components["schemas"]["Order"]; return one.state.toUpperCase() + one.customer.email.length; }
