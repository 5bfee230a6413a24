/** The pictures of docs/images: PICTURES=../../../docs/images npm run test:browser -- pictures */
import { join } from "node:path";
import { expect, investigate, test } from "./fixtures";

const folder = process.env.PICTURES;

const PICTURES = [
  { name: "front-end", colorScheme: "light", width: 1100, height: 720, version: "v2" },
  { name: "front-end-version-1", colorScheme: "light", width: 1100, height: 720, version: "v1" },
  { name: "front-end-dark", colorScheme: "dark", width: 1100, height: 720, version: "v2" },
  { name: "front-end-phone", colorScheme: "light", width: 375, height: 1150, version: "v2" },
] as const;

for (const { name, colorScheme, width, height, version } of PICTURES) {
  test(name, async ({ app }) => {
    test.skip(folder === undefined, "PICTURES names no folder");
    await app.emulateMedia({ colorScheme });
    await app.setViewportSize({ width, height });
    await app.getByText(version, { exact: true }).click();
    for (const entity of ["mallory@example.com", "trent@example.com", "peggy@example.com"]) {
      await investigate(app, entity);
      await expect(app.getByLabel("Entity")).toHaveValue("");
    }
    await expect(app.getByText(/\d+\.\d\d of 100/)).toBeVisible();
    await app.screenshot({ path: join(folder ?? "", `${name}.png`) });
  });
}
