import { expect, investigate, test } from "./fixtures";

test("the page keeps working while its release is rolled back to one without version 2", async ({ app, world }) => {
  const refused: string[] = [];
  app.on("response", (response) => {
    if (response.status() >= 500) refused.push(`${response.status()} ${response.url()}`);
  });
  await app.getByText("v2", { exact: true }).click();
  await expect(app.getByRole("button", { name: /alice@example.com/ })).toBeVisible();

  const releases = new Set<string>();
  for (const weight of [75, 50, 25, 0]) {
    await world.moveTo(weight);
    for (let round = 0; round < 3; round++) {
      const answer = app.waitForResponse((response) => response.status() === 201);
      await investigate(app, `user-${weight}-${round}@example.com`);
      releases.add((await answer).headers()["x-service-version"] ?? "none");
      await expect(app.getByLabel("Entity")).toHaveValue("");
      await expect(app.locator(".rows")).toBeVisible();
    }
  }

  expect([...releases]).toContain("2.1.0");
  expect(refused).toEqual([]);
  await expect(app.getByText("Release 2.1.0 answers")).toBeVisible();
  await expect(app.getByText(/has no version 2 of the API/)).toBeVisible();
  await expect(app.getByText(/broke its contract|cannot be reached/)).toBeHidden();
  await expect(app.getByText(/\d+\.\d\d of 100/)).toBeVisible();

  await world.moveTo(100);
  await app.getByRole("button", { name: "Refresh" }).click();
  await expect(app.getByRole("radio", { name: "v2" })).toBeChecked();
});
