/** Browser tests on a stack apart, in a folder of their own: SNUG_STORIES names it. */
import { defineConfig } from "@playwright/test";
import whole from "./playwright.config";

export default defineConfig({
  ...whole,
  testDir: `e2e/${process.env.SNUG_STORIES ?? ""}`,
  testIgnore: [],
});
