import type { OwnDevice } from "@/core/engine.gen";
import { expect, it } from "vitest";
import { longestUnused } from "./crowded";

const device = (device_id: string, created_at: string, last_seen: string | null): OwnDevice => ({
  device_id,
  name: device_id,
  created_at,
  last_seen,
  this: false,
});

it("begins with what was not used for longest, connected or not", () => {
  const devices = [
    device("today", "2026-01-01T00:00:00Z", "2026-03-04T10:00:00Z"),
    device("last year", "2025-01-01T00:00:00Z", "2025-12-01T00:00:00Z"),
    device("never", "2026-02-01T00:00:00Z", null),
  ];
  const names = longestUnused(devices).map(({ device_id }) => device_id);
  expect(names).toEqual(["last year", "never", "today"]);
});
