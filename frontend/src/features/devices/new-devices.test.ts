import type { OwnDevice } from "@/core/engine.gen";
import { beforeEach, describe, expect, it, vi } from "vitest";

const core = vi.hoisted(() => ({
  kept: undefined as unknown,
  tell: undefined as unknown as (event: unknown) => void,
}));
vi.mock("@/core/core", () => ({
  call: vi.fn(async (method: string, _: string, value: unknown) => {
    if (method === "keep") core.kept = value;
    return core.kept;
  }),
  onCoreEvent: (listener: (event: unknown) => void) => {
    core.tell = listener;
  },
}));
vi.mock("@/core/store", () => ({ useCore: vi.fn(), coreState: () => ({ own: null }) }));
const { forgetKnown, loadKnown, newOnes } = await import("./new-devices");

const device = (device_id: string, own = false): OwnDevice => ({
  device_id,
  name: device_id,
  created_at: "2026-03-01T08:00:00Z",
  last_seen: null,
  this: own,
});
const own = (...devices: OwnDevice[]) =>
  core.tell({ type: "notices", notices: [{ type: "own", own: { devices } }] });

describe("new devices of one's own", () => {
  beforeEach(() => {
    core.kept = undefined;
    forgetKnown();
  });

  it("are none when one looks for the first time", async () => {
    await loadKnown();
    own(device("this", true), device("other"));
    expect(core.kept).toEqual(["this", "other"]);
  });

  it("are those that came since, and never this one", () => {
    const list = [device("this", true), device("other"), device("new")];
    expect(newOnes(list, ["other"]).map(({ name }) => name)).toEqual(["new"]);
    expect(newOnes(list, null)).toEqual([]);
    expect(newOnes(list, undefined)).toEqual([]);
  });

  it("stay new until the person has said otherwise", async () => {
    core.kept = ["this"];
    await loadKnown();
    own(device("this", true), device("new"));
    expect(core.kept).toEqual(["this"]);
  });

  it("are no news when they were let in here", async () => {
    core.kept = ["this"];
    await loadKnown();
    core.tell({ type: "notices", notices: [{ type: "link", link: { type: "done" } }] });
    own(device("this", true), device("linked"));
    expect(core.kept).toEqual(["this", "linked"]);
    own(device("this", true), device("linked"), device("another"));
    expect(core.kept).toEqual(["this", "linked"]);
  });
});
