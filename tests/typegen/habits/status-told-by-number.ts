// Status told by number.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: { reference: "r" } });
  must(response.status === 201, "status");
  const gone = await fetch(`${base}/orders/1`, { method: "DELETE" });
  must(gone.status === 204, "status");
}
