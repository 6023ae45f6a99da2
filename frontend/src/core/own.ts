/** What one does with what is one's own: devices, recovery key, archive. */
import type { DeviceId } from "@/protocol.gen";
import type { Notice } from "./engine.gen";
import { ask } from "./ask";
import { call } from "./core";

/** Asks the server anew for what `own` of the store tells. */
export function refreshOwn(): void {
  void call("command", { type: "refresh_own" });
}

/** 1 to 80 characters. Rejects with `Refused`, as all of these. */
export async function renameDevice(device_id: DeviceId, name: string): Promise<void> {
  await ask({ type: "rename_device", device_id, name }, (notice) =>
    notice.type === "own" &&
    notice.own.devices.some((device) => device.device_id === device_id && device.name === name)
      ? true
      : undefined,
  );
}

/** How long signing out may take before a browser is erased all the same, in milliseconds. */
const FAREWELL = 5_000;

/** Those that were shut out from here: no news when they are gone. */
const shutOutHere = new Set<DeviceId>();
export const isShutOutHere = (device_id: DeviceId): boolean => shutOutHere.has(device_id);

/** Shuts a device out for good, or signs that the server did. Wants a fresh second factor. */
export async function revokeDevice(device_id: DeviceId): Promise<void> {
  shutOutHere.add(device_id);
  await ask({ type: "revoke_device", device_id }, (notice) =>
    notice.type === "own" &&
    !notice.own.reported.includes(device_id) &&
    notice.own.devices.every((device) => device.device_id !== device_id)
      ? true
      : undefined,
  );
}

/** The new key, when what it opens is stored. Wants a fresh second factor. */
export function makeRecoveryKey(): Promise<string> {
  return ask({ type: "make_recovery_key" }, (notice) =>
    notice.type === "recovery_key" ? notice.text : undefined,
  );
}

/** Of this device alone; experimental. */
export async function setPostQuantum(on: boolean): Promise<void> {
  await ask({ type: "set_post_quantum", on }, (notice) =>
    notice.type === "own" && notice.own.post_quantum === on ? true : undefined,
  );
}

export async function setArchive(on: boolean): Promise<void> {
  await ask({ type: "set_archive", on }, (notice) =>
    notice.type === "own" && notice.own.archive?.on === on ? true : undefined,
  );
}

/** Erases what the archive holds on the server. Wants a fresh second factor. */
export async function dropArchive(): Promise<void> {
  await ask({ type: "drop_archive" }, (notice) =>
    notice.type === "archive_dropped" ? true : undefined,
  );
}

/**
 * Signs this device out of the account for good, before it is erased: to the others it left, and
 * was not shut out. Rejects where there is no time for that, or no connection.
 */
export async function signOff(): Promise<void> {
  const revoked = (notice: Notice) =>
    notice.type === "phase" && notice.phase.type === "revoked" ? true : undefined;
  await ask({ type: "sign_off" }, revoked, FAREWELL);
}
