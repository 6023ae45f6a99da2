import { expect, it } from "vitest";
import { fileName } from "./file-name";

it("a file is called after the time", () => {
  const at = new Date(2026, 2, 4, 9, 5, 7).getTime();
  expect(fileName(at, "jpeg")).toBe("snug-2026-03-04-090507.jpg");
  expect(fileName(at, "webp")).toBe("snug-2026-03-04-090507.webp");
});
