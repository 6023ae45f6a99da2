import type { OwnDevice } from "@/core/engine.gen";
import type { Session } from "@/protocol.gen";
import { describe, expect, it } from "vitest";
import { kindOf, placesOf } from "./places";

const at = (hour: number) => `2026-03-04T${String(hour).padStart(2, "0")}:00:00Z`;
const device = (device_id: string, more: Partial<OwnDevice> = {}): OwnDevice => ({
  device_id,
  name: "Firefox on Linux",
  created_at: at(1),
  last_seen: at(2),
  this: false,
  ...more,
});
const session = (session_id: string, more: Partial<Session> = {}): Session => ({
  session_id,
  created_at: at(1),
  last_used_at: at(2),
  expires_at: at(23),
  user_agent: null,
  address: null,
  current: false,
  ...more,
});
const keys = (...given: Parameters<typeof placesOf>) => placesOf(...given).map(({ key }) => key);

describe("devices and sessions in one list", () => {
  it("puts sessions with the device that proved itself in them, the last used first", () => {
    const [place] = placesOf(
      [device("a")],
      [session("old", { device_id: "a" }), session("new", { device_id: "a", last_used_at: at(5) })],
    );
    expect(place?.sessions.map(({ session_id }) => session_id)).toEqual(["new", "old"]);
    expect(place?.usedAt).toBe(Date.parse(at(5)));
  });

  it("keeps sessions without a device, and those of devices that are gone", () => {
    const terminal = session("terminal", { user_agent: "snug/0.1.0" });
    const gone = session("gone", { device_id: "removed" });
    expect(keys([device("a")], [terminal, gone]).toSorted()).toEqual(["a", "gone", "terminal"]);
  });

  it("says that a device without a session is signed out, and when it never came", () => {
    const [place] = placesOf([device("a", { last_seen: null })], []);
    expect(place).toMatchObject({ sessions: [], usedAt: null });
  });

  it("takes the session in use for this device's before it has proved itself", () => {
    const places = placesOf([device("a", { this: true })], [session("s", { current: true })]);
    expect(places).toHaveLength(1);
    expect(places[0]).toMatchObject({ here: true, sessions: [{ session_id: "s" }] });
  });

  it("begins with this one, then goes by last use", () => {
    const devices = [device("late", { last_seen: at(9) }), device("this", { this: true })];
    const sessions = [session("middle", { last_used_at: at(5) })];
    expect(keys(devices, sessions)).toEqual(["this", "late", "middle"]);
  });
});

it("tells programs, phones and computers", () => {
  const kind = (given: Parameters<typeof placesOf>) => kindOf(placesOf(...given)[0]!);
  expect(kind([[], [session("s", { user_agent: "snug/0.1.0" })]])).toBe("program");
  expect(kind([[device("a", { name: "Chrome on Android" })], []])).toBe("phone");
  expect(kind([[device("a")], []])).toBe("computer");
});
