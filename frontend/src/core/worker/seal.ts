/** Seals records under a key that never leaves WebCrypto. */

const IV = 12;
const text = new TextEncoder();

/** A fresh AES-GCM key that nobody can export. */
export function makeSealKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

/** The record's key is bound in: a sealed value opens only where it was put. */
export async function seal(
  key: CryptoKey,
  place: string,
  value: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const iv = crypto.getRandomValues(new Uint8Array(IV));
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: text.encode(place) },
    key,
    value,
  );
  const whole = new Uint8Array(IV + sealed.byteLength);
  whole.set(iv);
  whole.set(new Uint8Array(sealed), IV);
  return whole;
}

/** Throws when the value was changed or comes from another place. */
export async function unseal(
  key: CryptoKey,
  place: string,
  whole: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const opened = await crypto.subtle.decrypt(
    { name: "AES-GCM", iv: whole.subarray(0, IV), additionalData: text.encode(place) },
    key,
    whole.subarray(IV),
  );
  return new Uint8Array(opened);
}

/** Opens with the first of the keys that fits. Throws when none does. */
export async function unsealBy(
  keys: readonly CryptoKey[],
  place: string,
  whole: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  for (const key of keys) {
    const opened = await unseal(key, place, whole).catch(() => null);
    if (opened) return opened;
  }
  throw new Error("the record does not open");
}
