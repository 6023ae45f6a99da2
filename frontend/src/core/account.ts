/** Which account is open in this page, and the steps that need no person. */
import type { DeviceId, UserId } from "@/protocol.gen";
import { ask } from "./ask";
import { call, endWorker, onCoreEvent } from "./core";
import { deviceName } from "./device-name";
import type { LinkHow, RecoveryFailure } from "./engine.gen";
import { Refused } from "./refused";
import { clearCore, patchCore } from "./store";

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
  opening = begin(userId);
  return opening;
}

function begin(userId: UserId): Promise<void> {
  return call("open", {
    user_id: userId,
    device_name: deviceName(navigator.userAgent),
    signed_in: isSignedIn,
  });
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

/** Erases what this browser holds of the account that is open, and opens it as in a new browser. */
export async function startAfresh(userId: UserId): Promise<void> {
  await call("erase");
  open = null;
  await openAccount(userId, true);
}

/** Makes new keys in this browser; every other device of the account ends. */
export async function resetKeys(userId: UserId): Promise<void> {
  await call("command", {
    type: "reset_keys",
    user_id: userId,
    device_name: deviceName(navigator.userAgent),
  });
}

/** This browser asks to be let in by a device in use; how it goes is told as `link`. */
export async function startLink(userId: UserId, how: LinkHow): Promise<void> {
  await call("command", {
    type: "start_link",
    user_id: userId,
    device_name: deviceName(navigator.userAgent),
    how,
  });
}

/** The recovery key did not help. */
export class WrongRecoveryKey extends Error {
  readonly reason: RecoveryFailure;

  constructor(reason: RecoveryFailure) {
    super(`the recovery key did not help: ${reason.type}`);
    this.name = "WrongRecoveryKey";
    this.reason = reason;
  }
}

/**
 * Lets this browser in by the recovery key. Resolves when its keys are being registered; rejects
 * with `WrongRecoveryKey` or `Refused`.
 */
export async function recover(userId: UserId, key: string): Promise<void> {
  await ask(
    {
      type: "recover",
      user_id: userId,
      device_name: deviceName(navigator.userAgent),
      key,
    },
    (notice) => {
      if (notice.type === "recovery_failed") throw new WrongRecoveryKey(notice.reason);
      if (notice.type !== "phase") return undefined;
      const { phase } = notice;
      if (phase.type === "refused") throw new Refused(phase.failure);
      return phase.type === "keys_elsewhere" || phase.type === "revoked" ? undefined : true;
    },
  );
}

/**
 * Comes in in the place of these devices, which are shut out for good. Resolves when the server has
 * taken that; rejects with `Refused`.
 */
export async function replaceDevices(device_ids: DeviceId[]): Promise<void> {
  await ask({ type: "replace_devices", device_ids }, (notice) => {
    if (notice.type !== "phase") return undefined;
    const { type } = notice.phase;
    return type === "refused" || type === "registering" ? undefined : true;
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

onCoreEvent((event) => {
  if (event.type !== "lock" || open === null) return;
  const { lock } = event;
  if (lock.type !== "locked" || !lock.was_open) return;
  // Keys and messages are still in the worker's memory, and here: neither outlives this.
  endWorker();
  clearCore();
  patchCore({ lock });
  opening = begin(open);
});
