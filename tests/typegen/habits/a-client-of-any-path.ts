// A client of any path.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const path = ["", "orders"].join("/");
  const { data } = await client.GET(path as any, {} as any) as any;
  plain(data.items[0].state.toUpperCase());
}
