/** Browser tests against a running stack: `cargo xtask test e2e` starts one of its own. */
import { defineConfig } from "@playwright/test";
import { existsSync } from "node:fs";

const debian = "/usr/bin/chromium";
const chromium = process.env.SNUG_CHROMIUM ?? (existsSync(debian) ? debian : undefined);

export default defineConfig({
  testDir: "e2e",
  testIgnore: ["mfa/**", "invite/**"],
  outputDir: "test-results",
  timeout: 150_000,
  expect: { timeout: 15_000 },
  // The stories share one server, whose limits are by address.
  workers: 1,
  forbidOnly: Boolean(process.env.CI),
  // A machine that stands still for a moment fails no build; a story that needed a second try is
  // listed as flaky, with its trace.
  retries: process.env.CI ? 1 : 0,
  reporter: [["list"], ["./e2e/support/summary.ts"]],
  use: {
    baseURL: process.env.SNUG_URL ?? "https://localhost:8443",
    // The stack's certificate is from its own private CA.
    ignoreHTTPSErrors: true,
    locale: "en-GB",
    viewport: { width: 1440, height: 900 },
    trace: "retain-on-failure",
    launchOptions: {
      ...(chromium && { executablePath: chromium }),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
});
