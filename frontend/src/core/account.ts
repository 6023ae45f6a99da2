/** Which account is open in this page, and the steps that need no person. */
import type { UserId } from "@/protocol.gen";
import { call, onCoreEvent } from "./core";
import { deviceName } from "./device-name";
import { clearCore } from "./store";

let open: UserId | null = null;
let isSignedIn = false;
let opening: Promise<void> = Promise.resolve();

/**
 * Opens an account in the worker: its records, then its engine. Resolves when the engine runs.
 * Harmless to repeat.
 */
export function openAccount(userId: UserId, signedIn: boolean): Promise<void> {
  if (open !== userId) {
    clearCore();
    isSignedIn = false;
  } else if (isSignedIn || !signedIn) return opening;
  open = userId;
  isSignedIn = signedIn;
  // Without it the browser may clear keys and history when it runs out of space.
  if (signedIn) void navigator.storage?.persist?.();
  opening = call("open", {
    user_id: userId,
    device_name: deviceName(navigator.userAgent),
    signed_in: signedIn,
  });
  return opening;
}

/** Leaves the account; its keys and messages stay in this browser. */
export async function closeAccount(): Promise<void> {
  if (open === null) return;
  open = null;
  await call("close");
  clearCore();
}

/** Leaves the account and erases what this browser holds of it. */
export async function eraseAccount(userId: UserId): Promise<void> {
  await openAccount(userId, false);
  open = null;
  await call("erase");
  clearCore();
}

/** Makes new keys in this browser; every other device of the account ends. */
export async function resetKeys(userId: UserId): Promise<void> {
  await call("command", {
    type: "reset_keys",
    user_id: userId,
    device_name: deviceName(navigator.userAgent),
  });
}

onCoreEvent((event) => {
  if (event.type !== "notices" || open === null) return;
  const fresh = event.notices.some(
    (notice) => notice.type === "phase" && notice.phase.type === "no_keys",
  );
  if (fresh) {
    void call("command", {
      type: "set_up",
      user_id: open,
      device_name: deviceName(navigator.userAgent),
    });
  }
});
