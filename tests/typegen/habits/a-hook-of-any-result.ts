// A hook of any result.
import { plain, first } from "./shared.ts";
async function use<T>(work: () => Promise<T>): Promise<{
  data: any;
}> { return { data: await work() }; }

export async function run(base: string): Promise<void> {
  const { data } = await use(() => first(base));
  plain(data.state.toUpperCase());
  plain(data.customer.email.length);
}
