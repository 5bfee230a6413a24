// Errors typed.
import createClient from "openapi-fetch";
import type { paths } from "./api/schema.js";
import { type S, must, plain } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const client = createClient<paths>({ baseUrl: base });
  const { error, response } = await client.POST("/orders", { body: { reference: 1 as unknown as string } });
  must(response.status === 422, "status");
  const texts: Record<S["Problem"]["code"], string> = { invalid: "i", duplicate: "d" };
  plain(texts[error!.code].length + error!.message.length);
}
