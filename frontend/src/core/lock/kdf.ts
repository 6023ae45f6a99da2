/** The key that a passphrase makes: argon2id in a worker of its own, which ends with it. */
// oxlint-disable-next-line import/default -- vite makes it
import workerUrl from "./worker.ts?worker&url";
import { startWorker } from "../own-worker";

/** What a key was made with. Another way of making them is another version. */
export interface Kdf {
  version: 1;
  /** KiB. */
  memory: number;
  passes: number;
  /** 16 random bytes. */
  salt: Uint8Array<ArrayBuffer>;
}

/** A key that a passphrase made; it cannot be exported. */
export interface PassphraseKey {
  key: CryptoKey;
  kdf: Kdf;
}

/** What the worker is asked: the first of the ways that this browser has the memory for. */
export interface KdfRequest {
  passphrase: Uint8Array<ArrayBuffer>;
  ways: Kdf[];
}

/** The browser has not the memory that the key was made in. */
export class NoMemory extends Error {}

/** The most that is asked of a browser, then OWASP's minimum: memory in KiB and passes. */
const WAYS = [
  [64 * 1024, 3],
  [19 * 1024, 2],
] as const;

/** Makes a key with a salt of its own. Rejects with `NoMemory`. */
export function newPassphraseKey(passphrase: string): Promise<PassphraseKey> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const ways = WAYS.map(([memory, passes]): Kdf => ({ version: 1, memory, passes, salt }));
  return derive(passphrase, ways);
}

/** Makes the key again. Rejects with `NoMemory`. */
export async function passphraseKey(passphrase: string, kdf: Kdf): Promise<CryptoKey> {
  return (await derive(passphrase, [kdf])).key;
}

async function derive(typed: string, ways: Kdf[]): Promise<PassphraseKey> {
  const worker = await startWorker(workerUrl, "snug-passphrase");
  return new Promise<PassphraseKey>((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<PassphraseKey | null>) => {
      if (data) resolve(data);
      else reject(new NoMemory("there is not the memory for this key"));
    });
    worker.addEventListener("error", (event) => {
      event.preventDefault();
      reject(new Error("no key could be made of the passphrase"));
    });
    // The same letters, however a keyboard puts their accents on.
    const passphrase = new TextEncoder().encode(typed.normalize("NFC"));
    const request: KdfRequest = { passphrase, ways };
    // Handed over, not copied: nothing of it stays here.
    worker.postMessage(request, [passphrase.buffer]);
  }).finally(() => worker.terminate());
}
