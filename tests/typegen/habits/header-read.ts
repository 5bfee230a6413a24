// Header read.
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const a = await fetch(`${base}/orders`);
  must(a.ok, "s");
  must(a.headers.get("content-type")!.includes("json"), "media");
}
