import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, investigate, test } from "./fixtures";

async function violations(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
    .analyze();
  return violations.map(
    ({ id, impact, nodes }) => `${impact}: ${id} at ${nodes.map(({ target }) => target).join(", ")}`,
  );
}

for (const colorScheme of ["light", "dark"] as const) {
  for (const [device, width] of [
    ["desktop", 1280],
    ["phone", 360],
  ] as const) {
    test(`${colorScheme}, ${device}: axe finds nothing, and nothing is wider than the screen`, async ({ app }) => {
      await app.emulateMedia({ colorScheme });
      await app.setViewportSize({ width, height: 800 });
      await investigate(app, "frank@example.com");
      await expect(app.getByText(/\d+\.\d\d of 100/)).toBeVisible();
      expect(await violations(app)).toEqual([]);

      await app.getByText("v2", { exact: true }).click();
      await investigate(app, "x".repeat(300));
      await expect(app.getByLabel("Entity")).toHaveAttribute("aria-invalid", "true");
      expect(await violations(app)).toEqual([]);
      expect(await app.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    });
  }
}

test("axe finds nothing where the token is entered", async ({ page, origin }) => {
  await page.goto(origin);
  await expect(page.getByLabel("Token")).toBeVisible();
  expect(await violations(page)).toEqual([]);
});
