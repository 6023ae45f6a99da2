import { expect, it, vi } from "vitest";

vi.mock("@/core/core", () => ({ call: vi.fn(), onCoreEvent: vi.fn() }));
const { aboveOf } = await import("./use-older");

const standing = { complete: true, asking: false, failed: false, known: true, told: undefined };

it("says what stands above the oldest entry, and nothing that is not known", () => {
  expect(aboveOf({ ...standing, complete: false, asking: true })).toBeNull();
  expect(aboveOf(standing)).toBeNull();
  expect(aboveOf({ ...standing, known: false })).toBe("start");
  expect(aboveOf({ ...standing, asking: true })).toBe("loading");
  expect(aboveOf({ ...standing, failed: true })).toBe("unavailable");
});

it("tells a beginning from a gap", () => {
  const told = (more: boolean, reason: "no_key" | "unavailable" | null) =>
    aboveOf({ ...standing, told: { more, reason } });
  expect(told(true, null)).toBeNull();
  expect(told(false, null)).toBe("start");
  expect(told(false, "no_key")).toBe("no_key");
  // A part that does not open is no end.
  expect(told(true, "no_key")).toBeNull();
  expect(told(true, "unavailable")).toBe("unavailable");
});
