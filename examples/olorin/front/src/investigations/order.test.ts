import { expect, it } from "vitest";
import { ApiProblem } from "../api/problem";
import { fieldErrors, orderOf } from "./order";

function form(values: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries({ type: "email", ...values })) data.set(name, value);
  return data;
}

it.each([
  [{ entity: " a@b.c " }, { id: "a@b.c", type: "email", period: null }],
  [
    { entity: "a", from: "2026-01-01", to: "2026-01-02" },
    { id: "a", type: "email", period: { from: new Date("2026-01-01"), to: new Date("2026-01-02") } },
  ],
  [{ entity: " " }, { entity: "Say which entity to investigate" }],
  [{ entity: "a", from: "2026-01-01" }, { period: "Give both days, or none" }],
  [{ entity: "a", from: "2026-01-02", to: "2026-01-01" }, { period: "The last day must be after the first" }],
])("%o becomes %o", (typed, expected) => {
  expect(orderOf(form(typed))).toEqual(expected);
});

it.each([
  ["body.entity_id", { entity: "wrong" }],
  ["body.entity.id", { entity: "wrong" }],
  ["body.entity", { entity: "wrong" }],
  ["body.entity_type", { type: "wrong" }],
  ["body.entity.type", { type: "wrong" }],
  ["body.time_range.end_time", { period: "wrong" }],
  ["body", {}],
])("a fault at %s is told at its field, in both versions", (location, expected) => {
  expect(fieldErrors(new ApiProblem(422, "1 value", [{ location, message: "wrong" }]))).toEqual(expected);
});
