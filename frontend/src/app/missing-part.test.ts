import { api, NetworkError } from "@/core/api";
import { expect, it, vi } from "vitest";
import { isMissingPart, part, PartAway } from "./missing-part";

const missing = new TypeError("Failed to fetch dynamically imported module: /assets/a.js");
const config = vi.spyOn(api, "config");

it("is told from other faults in every browser", () => {
  for (const said of [
    "Failed to fetch dynamically imported module: https://chat.example.org/assets/a.js",
    "error loading dynamically imported module: https://chat.example.org/assets/a.js",
    "Importing a module script failed.",
  ]) {
    expect(isMissingPart(new TypeError(said)), said).toBe(true);
    expect(isMissingPart(new Error(said)), said).toBe(false);
  }
  expect(isMissingPart(new TypeError("undefined is not a function"))).toBe(false);
  expect(isMissingPart(null)).toBe(false);
});

it("leads to a reload only where there is a server to reload from", async () => {
  const load = part(() => Promise.reject(missing));
  config.mockResolvedValue({} as Awaited<ReturnType<typeof api.config>>);
  await expect(load()).rejects.toBe(missing);
  config.mockRejectedValue(new NetworkError("failed"));
  await expect(load()).rejects.toBeInstanceOf(PartAway);
  const bug = new TypeError("undefined is not a function");
  await expect(part(() => Promise.reject(bug))()).rejects.toBe(bug);
  await expect(part(() => Promise.resolve(1))()).resolves.toBe(1);
});
