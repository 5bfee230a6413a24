// Sends by itself, and names what it sends and gets by the schemas of the document.
import type { components } from "./api/schema";

type Ticket = components["schemas"]["Ticket"];
type NewTicket = components["schemas"]["NewTicket"];
type TicketList = components["schemas"]["TicketList"];

async function send<T>(url: string, method: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method, headers: { "content-type": "application/json" } };
  if (body !== undefined) init.body = JSON.stringify(body);
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status}`);
  return (await answer.json()) as T;
}

export class Desk {
  constructor(private_: string) {
    this.base = private_;
  }

  private readonly base: string;

  async summary(): Promise<string> {
    const page = await send<TicketList>(`${this.base}/tickets?status=open`, "GET");
    const first = page.items[0];
    if (!first) throw new Error("nothing to do");
    return line(first);
  }

  async report(title: string): Promise<number> {
    const wanted: NewTicket = { title, owner_email: "desk@example.org" };
    const made = await send<Ticket>(`${this.base}/tickets`, "POST", wanted);
    return made.priority + 1;
  }
}

export function line(ticket: Ticket): string {
  const note = ticket.note ?? "no note";
  const owner = ticket.owner.email!.toLowerCase();
  return `${ticket.id} ${ticket.title} (${ticket.status}), ${owner}, ${note}, ${ticket.tags.join()}`;
}
