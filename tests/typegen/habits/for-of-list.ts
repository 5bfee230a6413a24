// For of list.
import { plain, first } from "./shared.ts";

export async function run(base: string): Promise<void> {
  const one = await first(base);
  for (const tag of one.tags)
    plain(tag.length);
  plain([...one.tags].length);
}
