import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** Debian's Chromium, or the one that CHROMIUM names; Playwright's own browsers are not downloaded. */
const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
if (!existsSync(executablePath)) {
  console.warn(
    `The browser tests are skipped: ${executablePath} is not there (apt-get install chromium, or set CHROMIUM)`,
  );
}

export default defineConfig({
  testDir: "tests/browser",
  testIgnore: existsSync(executablePath) ? [] : ["**"],
  outputDir: "test-results",
  reporter: "list",
  workers: 1, // the tests share two releases and the traffic between them
  timeout: 60_000,
  globalTimeout: 900_000,
  expect: { timeout: 15_000 },
  use: {
    launchOptions: { executablePath, args: ["--no-sandbox"] },
    trace: "retain-on-failure",
  },
});
