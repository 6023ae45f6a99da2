/** Where one's account is: devices that open messages, and sessions of whatever else signed in. */
import type { OwnDevice } from "@/core/engine.gen";
import type { Session } from "@/protocol.gen";
import { type SessionKind, sessionName } from "./session-name";

export interface Place {
  /** For React: unlike any other's. */
  key: string;
  /** `null` for a session that has no keys here: a browser before it is let in, a program. */
  device: OwnDevice | null;
  /** Those that are signed in, the last used first; none for a device that is signed out. */
  sessions: Session[];
  /** The very browser that shows this. */
  here: boolean;
  /** In milliseconds since 1970; `null` when it was never used. */
  usedAt: number | null;
}

/** This one first, then by last use. Sessions stand with the device that proved itself in them. */
export function placesOf(devices: readonly OwnDevice[], sessions: readonly Session[]): Place[] {
  const rest = new Set(sessions);
  const take = (fits: (session: Session) => boolean): Session[] => {
    const found = sessions.filter((one) => rest.has(one) && fits(one));
    for (const one of found) rest.delete(one);
    return found.toSorted((a, b) => used(b) - used(a));
  };
  const places = devices.map((device): Place => {
    const own = take(
      // The session in use is this device's, even before it has proved itself in it.
      ({ device_id, current }) =>
        device_id === device.device_id || (device.this && current && device_id === undefined),
    );
    const times = [device.last_seen ? Date.parse(device.last_seen) : 0, ...own.map(used)];
    return {
      key: device.device_id,
      device,
      sessions: own,
      here: device.this,
      usedAt: Math.max(...times) || null,
    };
  });
  for (const session of rest) {
    places.push({
      key: session.session_id,
      device: null,
      sessions: [session],
      here: session.current,
      usedAt: used(session),
    });
  }
  return places.toSorted(
    (a, b) => Number(b.here) - Number(a.here) || (b.usedAt ?? 0) - (a.usedAt ?? 0),
  );
}

/** What the icon shows, by the program that used it last, or by the name that it gave itself. */
export function kindOf({ device, sessions: [last] }: Place): SessionKind {
  if (last) return sessionName(last.user_agent).kind;
  return /\b(android|ios|iphone|phone)\b/i.test(device?.name ?? "") ? "phone" : "computer";
}

function used({ last_used_at }: Session): number {
  return Date.parse(last_used_at);
}
