import { expect, it } from "vitest";
import { middle } from "./square-picture";

it("takes the middle of a picture, wide or high", () => {
  expect(middle(800, 600)).toEqual({ x: 100, y: 0, size: 600 });
  expect(middle(300, 900)).toEqual({ x: 0, y: 300, size: 300 });
  expect(middle(512, 512)).toEqual({ x: 0, y: 0, size: 512 });
});
