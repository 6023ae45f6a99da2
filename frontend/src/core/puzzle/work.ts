/** The work behind a proof of work: finding the text that fits. */
import { sha256 } from "@noble/hashes/sha2.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";

/** The first number that, after `nonce:`, makes a SHA-256 that begins with so many zero bits. */
export function solutionOf(nonce: string, bits: number): string {
  const begun = sha256.create().update(utf8ToBytes(`${nonce}:`));
  for (let number = 0; ; number++) {
    const solution = String(number);
    if (zeroBits(begun.clone().update(utf8ToBytes(solution)).digest()) >= bits) return solution;
  }
}

/** Zero bits at the beginning. */
export function zeroBits(digest: Uint8Array): number {
  let zeros = 0;
  for (const byte of digest) {
    zeros += Math.clz32(byte) - 24;
    if (byte !== 0) break;
  }
  return zeros;
}
