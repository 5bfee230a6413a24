// A query of text cast.
import createClient from "openapi-fetch";
import type { operations, paths } from "./api/schema.js";
import { must } from "./shared.ts";
const asked: Record<string, string> = { state: "new" };

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const query = { ...asked, limit: 50 } as operations["listOrders"]["parameters"]["query"];
  const { response } = await client.GET("/orders", { params: { query: query ?? {} } });
  must(response.ok, "refused");
}
