/** From what was typed to an order, and from a refusal to the fields it is about. */
import type { EntityType, InvestigationOrder } from "../api/investigations";
import type { ApiProblem } from "../api/problem";

export const ENTITY_TYPES: Readonly<Record<EntityType, string>> = {
  email: "E-mail address",
  phone: "Phone number",
  device_id: "Device",
  ip_address: "IP address",
  user_id: "User",
};

export type Field = "entity" | "type" | "period";
export type FieldErrors = Partial<Record<Field, string>>;

/** Returns the order, or what is missing. Whether the values are good is for the service to say. */
export function orderOf(form: FormData): InvestigationOrder | FieldErrors {
  const id = text(form, "entity");
  const from = text(form, "from");
  const to = text(form, "to");
  const errors: FieldErrors = {};
  if (!id) errors.entity = "Say which entity to investigate";
  if (!from !== !to) errors.period = "Give both days, or none";
  if (from && to && from >= to) errors.period = "The last day must be after the first";
  if (Object.keys(errors).length > 0) return errors;
  const period = from && to ? { from: new Date(from), to: new Date(to) } : null;
  return { id, type: text(form, "type") as EntityType, period };
}

export function isOrder(read: InvestigationOrder | FieldErrors): read is InvestigationOrder {
  return "id" in read;
}

/** `body.entity_id` (version 1) and `body.entity.id` (version 2) are the same field of the form. */
export function fieldErrors(problem: ApiProblem): FieldErrors {
  const errors: FieldErrors = {};
  for (const { location, message } of problem.details) {
    if (/^body\.entity[._]type/.test(location)) errors.type = message;
    else if (location.startsWith("body.entity")) errors.entity = message;
    else if (location.startsWith("body.time_range")) errors.period = message;
  }
  return errors;
}

function text(form: FormData, name: string): string {
  return String(form.get(name) ?? "").trim();
}
