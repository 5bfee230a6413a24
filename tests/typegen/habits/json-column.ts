// Json column.
import { plain, first } from "./shared.ts";
interface Theme {
  theme: string;
}

export async function run(base: string): Promise<void> {
  const one = await first(base);
  plain((one.meta as Theme).theme.length);
}
