/** Browser tests against the MFA service alone: `cargo xtask test e2e` starts one of its own. */
import { defineConfig } from "@playwright/test";
import whole from "./playwright.config";

export default defineConfig({ ...whole, testDir: "e2e/mfa", testIgnore: [] });
