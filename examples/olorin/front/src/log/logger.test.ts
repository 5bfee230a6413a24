import { expect, it, vi } from "vitest";
import { createLogger } from "./logger";

it.each([
  ["debug", ["debug", "info", "warn", "error"]],
  ["warn", ["warn", "error"]],
  ["error", ["error"]],
] as const)("from %s on", (from, heard) => {
  const sink = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
  const logger = createLogger(from, sink);
  for (const level of ["debug", "info", "warn", "error"] as const) logger[level]("event", { level });
  for (const level of ["debug", "info", "warn", "error"] as const) {
    const calls = heard.some((each) => each === level) ? [["event", { level }]] : [];
    expect(sink[level].mock.calls).toEqual(calls);
  }
});
