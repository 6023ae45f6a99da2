/** What one does with the passphrase of this browser. The records are the worker's. */
import { call } from "../core";
import type { UnlockAnswer } from "../messages";
import { type Kdf, newPassphraseKey, passphraseKey } from "./kdf";

/** The passphrase was another one. */
export class WrongPassphrase extends Error {
  /** When the next may be tried; `null`: now. */
  readonly retryAt: number | null;

  constructor(retryAt: number | null) {
    super("the passphrase is another one");
    this.name = "WrongPassphrase";
    this.retryAt = retryAt;
  }
}

/** From now on it is asked for. Rejects with `NoMemory`, as all of these. */
export async function setLock(passphrase: string): Promise<void> {
  const { key, kdf } = await newPassphraseKey(passphrase);
  await call("setLock", key, kdf);
}

/** Rejects with `WrongPassphrase`, as those below. */
export async function unlock(passphrase: string, kdf: Kdf): Promise<void> {
  judge(await call("unlock", await passphraseKey(passphrase, kdf)));
}

export async function changeLock(current: string, kdf: Kdf, next: string): Promise<void> {
  const now = await passphraseKey(current, kdf);
  const made = await newPassphraseKey(next);
  judge(await call("changeLock", now, made.key, made.kdf));
}

export async function removeLock(current: string, kdf: Kdf): Promise<void> {
  judge(await call("removeLock", await passphraseKey(current, kdf)));
}

function judge(answer: UnlockAnswer): void {
  if (!answer.ok) throw new WrongPassphrase(answer.retry_at);
}
