// ctest's door to the browser tests: skips with a reason where the browser or the packages are missing.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

const skipped = 77; // what ctest takes for "skipped"
const here = new URL(".", import.meta.url).pathname;
const chromium = process.env.CONSOLE_CHROMIUM ?? ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find(existsSync);

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(skipped);
}

if (!chromium) skip("there is no Chromium here (Debian: chromium)");
if (!existsSync(`${here}node_modules/@playwright/test`)) skip("the packages of tests/console are not installed (./dev test does it)");
if (!existsSync(`${process.env.CONSOLE_BUILD}/dist/assets`)) skip("the server was built without its console");
const types = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "--noEmit"], { cwd: process.env.CONSOLE_BUILD, stdio: "inherit" });
if (types.status !== 0) process.exit(1);
const done = spawnSync(process.execPath, ["node_modules/@playwright/test/cli.js", "test", ...process.argv.slice(2)], {
  cwd: here,
  stdio: "inherit",
  env: { ...process.env, CONSOLE_CHROMIUM: chromium },
});
process.exit(done.status ?? 1);
