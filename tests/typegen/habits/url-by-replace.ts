// Url by replace.
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  must((await fetch(base + "/orders/:id".replace(":id", "1"), { method: "DELETE" })).ok, "kept");
}
