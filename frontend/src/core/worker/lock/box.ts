/** The key of the records, closed by a key that a passphrase made. */
import type { Kdf, PassphraseKey } from "../../lock/kdf";

export interface LockBox {
  version: 1;
  /** Another one with each data key: says whether a key that a tab holds is still the right one. */
  id: string;
  kdf: Kdf;
  iv: Uint8Array<ArrayBuffer>;
  /** The data key, sealed: 48 bytes. */
  sealed: Uint8Array<ArrayBuffer>;
}

/** The data key of a box; it cannot be exported. */
export interface DataKey {
  id: string;
  key: CryptoKey;
}

/** The passphrase is another one, or the box was changed. */
export class WrongPassphrase extends Error {}

/** Makes a data key and closes it. */
export async function makeBox(
  account: string,
  passphrase: PassphraseKey,
): Promise<{ box: LockBox; data: DataKey }> {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const id = crypto.randomUUID();
  try {
    const box = await close(account, id, bytes, passphrase);
    return { box, data: { id, key: await imported(bytes) } };
  } finally {
    bytes.fill(0);
  }
}

/** Throws `WrongPassphrase`. */
export async function openBox(account: string, box: LockBox, key: CryptoKey): Promise<DataKey> {
  const bytes = await open(account, box, key);
  try {
    return { id: box.id, key: await imported(bytes) };
  } finally {
    bytes.fill(0);
  }
}

/** The same data key under another passphrase. Throws `WrongPassphrase`. */
export async function changeBox(
  account: string,
  box: LockBox,
  current: CryptoKey,
  passphrase: PassphraseKey,
): Promise<LockBox> {
  const bytes = await open(account, box, current);
  try {
    return await close(account, box.id, bytes, passphrase);
  } finally {
    bytes.fill(0);
  }
}

async function close(
  account: string,
  id: string,
  bytes: Uint8Array<ArrayBuffer>,
  { key, kdf }: PassphraseKey,
): Promise<LockBox> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const additionalData = boundTo(account, id, kdf);
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, key, bytes);
  return { version: 1, id, kdf, iv, sealed: new Uint8Array(sealed) };
}

async function open(
  account: string,
  { version, id, kdf, iv, sealed }: LockBox,
  key: CryptoKey,
): Promise<Uint8Array<ArrayBuffer>> {
  if (version !== 1) throw new Error("this lock was made by a newer version");
  const additionalData = boundTo(account, id, kdf);
  try {
    const how = { name: "AES-GCM", iv, additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(how, key, sealed));
  } catch {
    throw new WrongPassphrase("the passphrase does not open this lock");
  }
}

/** A box opens for the account and the data key that it was made for, and for no other purpose. */
function boundTo(account: string, id: string, { memory, passes }: Kdf): Uint8Array<ArrayBuffer> {
  const text = `snug browser lock v1|${account}|${id}|argon2id|${memory}|${passes}`;
  return new TextEncoder().encode(text);
}

function imported(bytes: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", bytes, "AES-GCM", false, ["encrypt", "decrypt"]);
}
