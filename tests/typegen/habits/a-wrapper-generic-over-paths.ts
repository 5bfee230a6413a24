// A wrapper generic over paths.
import type { paths } from "./api/schema.js";
import { must, plain } from "./shared.ts";
type Gets = {
  [P in keyof paths]: paths[P] extends {
    get: unknown;
  } ? (paths[P]["get"] extends undefined ? never : P) : never;
}[keyof paths];
type Got<P extends Gets> = paths[P] extends {
  get: {
    responses: {
      200: {
        content: {
          "application/json": infer D;
        };
      };
    };
  };
} ? D : never;
async function get<P extends Gets>(base: string, path: P, fill: Record<string, string> = {}): Promise<Got<P>> { const url = path.replace(/{(\w+)}/g, (_, n: string) => fill[n] ?? ""); const a = await fetch(base + url); must(a.ok, "status"); return (await a.json()) as Got<P>; }

export async function run(base: string): Promise<void> {
  const page = await get(base, "/orders");
  plain(page.items[0]!.state.toUpperCase());
  const one = await get(base, "/orders/{id}", { id: "1" });
  plain(one.customer.email.length);
}
