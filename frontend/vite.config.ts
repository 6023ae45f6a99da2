import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { fileIntegrity, sealedPage } from "./build/integrity.ts";

/** Where a running Snug answers, for `npm run dev` without the gateway in front. */
const upstream = process.env.SNUG_URL ?? "https://localhost:8443";

export default defineConfig({
  plugins: [react(), tailwindcss(), fileIntegrity(), sealedPage()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  worker: {
    format: "es",
    // A worker is a bundle of its own, with plugins of its own.
    plugins: () => [fileIntegrity()],
    // In one file, that one hash stands for: it runs from a blob, which has nothing beside it.
    rolldownOptions: { output: { codeSplitting: false } },
  },
  build: {
    target: ["chrome120", "firefox121", "safari17.2"],
    // No data: URLs for scripts and styles: the content security policy allows files only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  server: {
    port: 5173,
    strictPort: true,
    proxy: {
      "/api": { target: upstream, secure: false },
      "/socket.io": { target: upstream, secure: false, ws: true },
    },
  },
  test: {
    environment: "node",
    include: ["src/**/*.test.ts", "build/**/*.test.ts"],
    benchmark: { include: ["bench/**/*.bench.ts"] },
  },
});
