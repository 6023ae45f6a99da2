import { expect, it } from "vitest";
import { isMyName } from "./is-my-name";

it("takes one's own username however it is typed, and no other", () => {
  expect(isMyName(" Ana.m ", "ana.m")).toBe(true);
  expect(isMyName("@ana.m", "ana.m")).toBe(true);
  expect(isMyName("ana", "ana.m")).toBe(false);
  expect(isMyName("", "ana.m")).toBe(false);
});
