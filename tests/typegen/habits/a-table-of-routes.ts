// A table of routes.
import { must } from "./shared.ts";
const routes = { list: { path: "/orders", method: "GET" }, drop: { path: "/orders/1", method: "DELETE" } };

export async function run(base: string): Promise<void> {
  for (const { path, method } of Object.values(routes))
    must((await fetch(base + path, { method })).ok, "refused");
}
