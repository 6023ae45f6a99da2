import { expect, it } from "vitest";
import { isMissingPart } from "./missing-part";

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
