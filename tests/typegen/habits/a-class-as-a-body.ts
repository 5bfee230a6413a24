// A class as a body.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { must } from "./shared.ts";
class Draft {
  reference = "r";
  comment = "x";
  channel = "web" as const;
}

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { response } = await client.POST("/orders", { body: new Draft() });
  must(response.ok, "refused");
}
