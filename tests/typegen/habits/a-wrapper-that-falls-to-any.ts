// A wrapper that falls to any.
import type { paths } from "./api/schema.js";
import { must, plain } from "./shared.ts";
type Got<P> = P extends keyof paths ? paths[P] extends {
  get: {
    responses: {
      200: {
        content: {
          "application/json": infer D;
        };
      };
    };
  };
} ? D : any : any;
async function get<P extends string>(base: string, path: P): Promise<Got<P>> { const a = await fetch(base + path); must(a.ok, "status"); return a.json(); }

export async function run(base: string): Promise<void> {
  const page = await get(base, "/orders");
  plain(page.items[0].state.toUpperCase());
}
