import type { components } from "./api/schema";
import { call } from "./http.ts";

export type Ticket = components["schemas"]["Ticket"];

export async function titles(base: string): Promise<string[]> {
  const page = await call(base, "get", "/tickets", { query: { status: "open", limit: 10 } });
  return page.items.map((ticket) => `${label(ticket)}: ${ticket.title.toUpperCase()}`);
}

export async function create(base: string, title: string): Promise<string> {
  const made = await call(base, "post", "/tickets", { body: { title, kind: "bug" } });
  return made.id.toLowerCase();
}

export async function weight(base: string, id: string): Promise<number> {
  const ticket = await call(base, "get", "/tickets/{id}", { path: { id } });
  return ticket.priority * 10 + ticket.owner.name.length;
}

export function label(ticket: Ticket): string {
  switch (ticket.status) {
    case "open":
      return "to do";
    case "closed":
      return "done";
  }
}

export async function remove(base: string, id: string): Promise<void> {
  await call(base, "delete", "/tickets/{id}", { path: { id } });
}
