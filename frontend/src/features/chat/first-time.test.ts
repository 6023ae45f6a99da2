import { expect, it } from "vitest";
import { firstTimes } from "./first-time";

it("a name is new once, and again when it was forgotten", () => {
  const isNew = firstTimes(2);
  expect(["a", "a", "b", "a", "c", "a"].map(isNew)).toEqual([true, false, true, false, true, true]);
});
