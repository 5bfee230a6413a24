// An emitter.
import { plain, first } from "./shared.ts";
import { EventEmitter } from "node:events";
const bus = new EventEmitter();

export async function run(base: string): Promise<void> {
  let said = "undefined";
  bus.on("order", (one) => { said = one.state.toUpperCase(); });
  bus.emit("order", await first(base));
  plain(said);
}
