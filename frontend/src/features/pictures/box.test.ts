import { expect, it } from "vitest";
import { boxOf } from "./box";

it("pictures have room by their shape, within bounds", () => {
  expect(boxOf(4000, 3000)).toEqual({ width: 320, height: 240 });
  expect(boxOf(3000, 4000)).toEqual({ width: 285, height: 380 });
  expect(boxOf(200, 150)).toEqual({ width: 200, height: 150 });
  expect(boxOf(1, 1)).toEqual({ width: 120, height: 120 });
  expect(boxOf(65_535, 10)).toEqual({ width: 320, height: 120 });
  expect(boxOf(10, 65_535)).toEqual({ width: 120, height: 380 });
});
