/** A page of the built front end, signed in, before two real releases behind a real Envoy. */
import { test as base, expect, type Page } from "@playwright/test";
import { preview } from "vite";
import { startWorld, type World } from "../world";

interface Shared {
  readonly world: World;
  readonly origin: string;
}

export const test = base.extend<{ app: Page }, Shared>({
  world: [
    async ({}, use) => {
      const world = await startWorld();
      await use(world);
      await world.stop();
    },
    { scope: "worker" },
  ],
  origin: [
    async ({ world }, use) => {
      const proxy = { "/api": world.entry, "/health": world.entry };
      const server = await preview({ preview: { port: 0, strictPort: false, proxy }, logLevel: "error" });
      const address = server.httpServer.address();
      if (address === null || typeof address === "string") throw new Error("the front end is not served");
      await use(`http://127.0.0.1:${address.port}`);
      await server.close();
    },
    { scope: "worker" },
  ],
  app: async ({ page, origin, world }, use) => {
    const failures: string[] = [];
    page.on("pageerror", (error) => failures.push(error.message));
    await world.moveTo(100);
    await page.goto(origin);
    await page.getByLabel("Token").fill(world.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByRole("heading", { name: "Latest" })).toBeVisible();
    await use(page);
    expect(failures).toEqual([]);
  },
});

export { expect };

/** Starts an investigation through the form. */
export async function investigate(page: Page, entity: string): Promise<void> {
  await page.getByLabel("Entity").fill(entity);
  await page.getByRole("button", { name: "Investigate" }).click();
}
