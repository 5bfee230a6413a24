// An own enum.
import { must, first } from "./shared.ts";
const State = { New: "new", Paid: "paid", Sent: "sent" } as const;
const known: readonly string[] = Object.values(State);

export async function run(base: string): Promise<void> {
  must(known.includes((await first(base)).state), "unknown state");
}
