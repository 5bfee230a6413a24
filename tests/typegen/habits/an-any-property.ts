// An any property.
import { plain, first } from "./shared.ts";
const app: {
  current?: any;
} = {};

export async function run(base: string): Promise<void> {
  app.current = await first(base);
  plain(app.current.state.toUpperCase() + app.current.customer.email.length);
}
