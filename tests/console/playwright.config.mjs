import { defineConfig } from "@playwright/test";

// The browser is Debian's; nothing is downloaded. One worker: all share one shop, and the machine with other tests.
export default defineConfig({
  testDir: ".",
  globalSetup: "./server.mjs",
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  reporter: [["list"]],
  outputDir: process.env.CONSOLE_RESULTS ?? "node_modules/.results",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "UTC",
    viewport: { width: 1360, height: 860 },
    screenshot: "only-on-failure",
    launchOptions: { executablePath: process.env.CONSOLE_CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] },
  },
});
