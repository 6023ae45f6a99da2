/** For tests: a key of a passphrase without the second of work that argon2id is. */
import type { PassphraseKey } from "../../lock/kdf";

export async function keyOf(passphrase: string): Promise<PassphraseKey> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(passphrase));
  const key = await crypto.subtle.importKey("raw", digest, "AES-GCM", false, [
    "encrypt",
    "decrypt",
  ]);
  return { key, kdf: { version: 1, memory: 8, passes: 1, salt: new Uint8Array(16) } };
}
