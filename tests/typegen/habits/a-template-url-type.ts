// A template url type.
import { must } from "./shared.ts";
type Url = `/orders/${string}`;
const url = (id: string): Url => `/orders/${id}`;

export async function run(base: string): Promise<void> {
  must((await fetch(base + url("1"))).ok, "s");
  must((await fetch(base + url("1"), { method: "DELETE" })).ok, "kept");
}
