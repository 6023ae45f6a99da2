import { expect, it, vi } from "vitest";

vi.mock("@/core/core", () => ({ call: vi.fn(), onCoreEvent: vi.fn() }));
vi.mock("@/core/account", () => ({ openAccount: vi.fn() }));
const { readKit } = await import("./kit");

it("reads a kit that waits to be saved, of this version and of the one before", () => {
  const kit = { codes: ["aaaa-bbbb"], key: "ABCDE-FGHJK" };
  expect(readKit(kit)).toEqual(kit);
  expect(readKit(["aaaa-bbbb"])).toEqual({ codes: ["aaaa-bbbb"], key: null });
  expect(readKit(null)).toBeNull();
  expect(readKit({ codes: [1] })).toBeNull();
});
