// A model that assigns itself.
import { type Order, plain, first } from "./shared.ts";
class Model {
  state!: string;
  total!: number;
  customer!: {
    email: string;
  };
  constructor(raw: Order) { Object.assign(this, raw); }
  get text() { return this.state.toUpperCase() + this.total.toFixed(1) + this.customer.email.length; }
}

export async function run(base: string): Promise<void> {
  plain(new Model(await first(base)).text);
}
