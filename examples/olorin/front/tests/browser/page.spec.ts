import { expect, investigate, test } from "./fixtures";

test("an investigation is created and read back, in version 1 and then in version 2", async ({ app }) => {
  await investigate(app, "carol@example.com");
  await expect(app.getByText(/\d+\.\d\d of 100/)).toBeVisible();
  const id = await app.locator(".details code").textContent();

  await app.getByText("v2", { exact: true }).click();
  await expect(app.getByRole("button", { name: /carol@example.com.*Risk \d+ (low|medium|high)/ })).toBeVisible();
  await expect(app.locator(".details code")).toHaveText(id ?? "");

  await investigate(app, "dave@example.com");
  await expect(app.getByRole("definition").filter({ hasText: "dave@example.com" })).toBeVisible();
});

test("what the service refuses is said at its field", async ({ app }) => {
  await investigate(app, "x".repeat(257));
  const entity = app.getByLabel("Entity");
  await expect(entity).toHaveAttribute("aria-invalid", "true");
  await expect(entity).toHaveAccessibleDescription(/at most 256 characters/);
});

test("a token that the service refuses is asked for again", async ({ app }) => {
  await app.evaluate(() => sessionStorage.setItem("investigations-token", "not.a.token"));
  await app.reload();
  await expect(app.getByRole("alert")).toContainText("did not accept the token");
});

test("version 1 says when it ends, and the notice leads to version 2", async ({ app }) => {
  const notice = app.getByRole("complementary", { name: "Deprecation" });
  await expect(notice).toContainText("30 June 2027");
  await notice.getByRole("button", { name: "Use version 2" }).click();
  await expect(app.getByRole("radio", { name: "v2" })).toBeChecked();
  await expect(notice).toBeHidden();
});

test("everything can be done by keyboard", async ({ app }) => {
  await app.getByLabel("What is it?").focus();
  await app.keyboard.press("Tab");
  await app.keyboard.type("erin@example.com");
  await app.keyboard.press("Enter");
  await expect(app.getByText(/\d+\.\d\d of 100/)).toBeVisible();
  await app.getByRole("radio", { name: "v1" }).focus();
  await app.keyboard.press("ArrowRight");
  await expect(app.getByRole("radio", { name: "v2" })).toBeChecked();
});
