// A switch without default.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const { state } = await first(base);
  let text: string | undefined;
  switch (state) {
    case "new":
    case "paid":
    case "sent": text = "ok";
  }
  plain(text);
}
