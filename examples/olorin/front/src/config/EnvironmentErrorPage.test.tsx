// @vitest-environment jsdom
import { render, screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { EnvironmentErrorPage } from "./EnvironmentErrorPage";
import { EnvironmentInvalid } from "./environment";

it("names every setting that is wrong, and what it must be", () => {
  const faults = [
    { name: "REACT_APP_API_VERSION", message: 'must be v1 or v2, not "3"' },
    { name: "ENABLE_V2_API", message: 'must be true or false, not "yes"' },
  ];
  render(<EnvironmentErrorPage error={new EnvironmentInvalid(faults)} />);
  const text = screen.getByRole("alert").textContent;
  for (const { name, message } of faults) {
    expect(text).toContain(name);
    expect(text).toContain(message);
  }
});
