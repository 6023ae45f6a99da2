import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { again, PAUSES } from "./again";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

it("loads again after the network failed", async () => {
  const load = vi
    .fn<() => Promise<string>>()
    .mockRejectedValueOnce(new TypeError("Failed to fetch"))
    .mockRejectedValueOnce(new TypeError("network error"))
    .mockResolvedValue("loaded");
  const loaded = again(load);
  await vi.runAllTimersAsync();
  expect(await loaded).toBe("loaded");
  expect(load).toHaveBeenCalledTimes(3);
});

it("gives up in the end", async () => {
  const load = vi.fn(() => Promise.reject(new TypeError("Failed to fetch")));
  const loaded = expect(again(load)).rejects.toThrow("Failed to fetch");
  await vi.runAllTimersAsync();
  await loaded;
  expect(load).toHaveBeenCalledTimes(PAUSES.length + 1);
});

it("does not repeat what no network can mend", async () => {
  const load = vi.fn(() => Promise.reject(new WebAssembly.CompileError("unknown opcode")));
  await expect(again(load)).rejects.toThrow("unknown opcode");
  expect(load).toHaveBeenCalledOnce();
});
