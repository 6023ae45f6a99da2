import type { OwnDevice } from "@/core/engine.gen";
import { expect, it, vi } from "vitest";

vi.mock("@/core/store", () => ({ useCore: vi.fn() }));
vi.mock("@/core/own", () => ({ isShutOutHere: (id: string) => id === "removed here" }));
const { goneOnes } = await import("./gone-devices");

const device = (device_id: string, own = false): OwnDevice => ({
  device_id,
  name: device_id,
  created_at: "2026-03-01T08:00:00Z",
  last_seen: null,
  this: own,
});
const gone = (before: OwnDevice[], devices: OwnDevice[], reported: string[] = []) =>
  goneOnes(before, { devices, reported }).map(({ device_id }) => device_id);

it("tells which devices signed out, and nothing at first", () => {
  const here = device("this", true);
  expect(gone([], [here, device("other")])).toEqual([]);
  expect(gone([here, device("other")], [here])).toEqual(["other"]);
  expect(gone([here], [])).toEqual([]);
});

it("leaves what the server alone says, and what was done here, to others", () => {
  expect(gone([device("other")], [], ["other"])).toEqual([]);
  expect(gone([device("removed here")], [])).toEqual([]);
});
