import { createHash } from "node:crypto";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

const WORKER = "/assets/worker-1a2b3c.js";
const script = "self.postMessage(1);";
const integrity = `sha256-${createHash("sha256").update(script).digest("base64")}`;

const started = vi.fn<(url: string, options: WorkerOptions) => void>();
const fetched = vi.fn<(url: string, how: RequestInit) => void>();
let served: string[];
let scripts: Blob[];

/** A fresh copy each time: it remembers what fitted. */
async function load() {
  vi.resetModules();
  return import("./own-worker");
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv("DEV", false);
  served = [script];
  scripts = [];
  started.mockReset();
  fetched.mockReset();
  const { fetch } = globalThis;
  // Node compares the hash itself, as browsers do.
  vi.stubGlobal("fetch", (url: string, how: RequestInit) => {
    fetched(url, how);
    const body = served.length > 1 ? served.shift() : served[0];
    return fetch(`data:text/javascript,${encodeURIComponent(body!)}`, how);
  });
  vi.stubGlobal("document", {
    querySelector: () => ({ textContent: JSON.stringify({ integrity: { [WORKER]: integrity } }) }),
  });
  vi.stubGlobal("Worker", started);
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => {
    scripts.push(blob as Blob);
    return `blob:${scripts.length}`;
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

it("starts the bytes that were compared, fetched once", async () => {
  const { startWorker } = await load();
  await startWorker(WORKER, "snug");
  await startWorker(WORKER, "snug");
  expect(fetched.mock.calls).toEqual([[WORKER, { integrity, cache: "default" }]]);
  const options = { type: "module", name: "snug" };
  expect(started.mock.calls).toEqual([
    ["blob:1", options],
    ["blob:1", options],
  ]);
  expect(await scripts[0]!.text()).toBe(script);
  expect(scripts[0]!.type).toBe("text/javascript");
});

it("asks past the cache for what did not fit", async () => {
  served = [`${script} `, script];
  const { startWorker } = await load();
  const starting = startWorker(WORKER, "snug");
  await vi.runAllTimersAsync();
  await starting;
  expect(fetched.mock.calls.map(([, { cache }]) => cache)).toEqual(["default", "reload"]);
  expect(await scripts[0]!.text()).toBe(script);
});

it("starts no other script", async () => {
  served = [`${script} `];
  const { startWorker } = await load();
  const refused = expect(startWorker(WORKER, "snug")).rejects.toThrow(TypeError);
  await vi.runAllTimersAsync();
  await refused;
  expect(started).not.toHaveBeenCalled();
  // Mended, it starts without a new page.
  served = [script];
  await startWorker(WORKER, "snug");
  expect(started).toHaveBeenCalledTimes(1);
});

it("fetches nothing that the page does not name", async () => {
  const { startWorker } = await load();
  await expect(startWorker("/assets/other.js", "snug")).rejects.toThrow("/assets/other.js");
  expect(fetched).not.toHaveBeenCalled();
});

it("leaves the scripts of a development server where they are", async () => {
  vi.stubEnv("DEV", true);
  const { startWorker } = await load();
  await startWorker("/src/core/worker/worker.ts?worker_file", "snug");
  expect(fetched).not.toHaveBeenCalled();
  expect(started.mock.calls[0]?.[0]).toBe("/src/core/worker/worker.ts?worker_file");
});
