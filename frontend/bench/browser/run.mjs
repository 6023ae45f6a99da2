/**
 * Measures search and messages in Chromium and prints the figures as JSON. Started by
 * `cargo xtask bench browser`, which compiles the module first: `BENCH_WASM` is its folder.
 * `--smoke`: a few rounds and a small room, to see that it works.
 */
import { chromium } from "@playwright/test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, preview } from "vite";

const debian = "/usr/bin/chromium";
const executablePath = process.env.SNUG_CHROMIUM ?? (existsSync(debian) ? debian : undefined);
const wasm = process.env.BENCH_WASM;
if (!wasm) throw new Error("BENCH_WASM is not set: start this by `cargo xtask bench browser`");
const options = process.argv.includes("--smoke")
  ? { rounds: 3, members: [2, 9] }
  : { rounds: 200, members: [2, 1_000] };

const root = fileURLToPath(new URL(".", import.meta.url));
const outDir = await mkdtemp(join(tmpdir(), "snug-bench-"));
const here = {
  configFile: false,
  logLevel: "error",
  root,
  resolve: {
    alias: { "@bench": wasm, "@": fileURLToPath(new URL("../../src", import.meta.url)) },
  },
  worker: { format: "es" },
  build: { outDir, emptyOutDir: true, target: "chrome120", assetsInlineLimit: 0 },
  preview: {
    host: "127.0.0.1",
    port: 0,
    // With these a page may look at the clock more closely.
    headers: {
      "Cross-Origin-Opener-Policy": "same-origin",
      "Cross-Origin-Embedder-Policy": "require-corp",
    },
  },
};

await build(here);
const server = await preview(here);
const browser = await chromium.launch({
  ...(executablePath && { executablePath }),
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  await page.goto(server.resolvedUrls.local[0]);
  await page.waitForFunction(() => "measure" in window);
  const figures = await page.evaluate((options) => window.measure(options), options);
  const print = { browser: `Chromium ${browser.version()}`, ...options, ...figures };
  process.stdout.write(`${JSON.stringify(print, null, 2)}\n`);
} finally {
  await browser.close();
  await server.close();
  await rm(outDir, { recursive: true });
}
