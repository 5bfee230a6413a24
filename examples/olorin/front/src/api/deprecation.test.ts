import { expect, it } from "vitest";
import { sunsetOf } from "./deprecation";

it.each([
  ["Wed, 30 Jun 2027 00:00:00 GMT", "2027-06-30T00:00:00.000Z"],
  ["soon", undefined],
  ["", undefined],
])("the sunset %s is %s", (header, expected) => {
  expect(sunsetOf(new Headers({ Sunset: header }))?.toISOString()).toBe(expected);
});

it("is nothing without the header", () => {
  expect(sunsetOf(new Headers())).toBeNull();
});
