/** An authenticator app (RFC 6238: SHA-1, six digits, 30 seconds). */
import { createHmac } from "node:crypto";

const PERIOD = 30_000;
/** How long a code may take from here through a busy browser to the server. */
const JOURNEY = 12_000;

export class Authenticator {
  readonly #key: Buffer;
  #lastStep: number;

  constructor(secret: string) {
    this.#key = fromBase32(secret);
    this.#lastStep = stepAt(Date.now()) - 2;
  }

  /**
   * A code that was not given yet. The server takes the step before the current one as well, so
   * the first two need no waiting.
   */
  async code(): Promise<string> {
    const earliest = Math.max(this.#lastStep + 1, stepAt(Date.now()) - 1);
    // Near the end of a step the server may be in the next one already.
    const hurried = earliest < stepAt(Date.now() + JOURNEY) - 1;
    const step = hurried ? earliest + 1 : earliest;
    while (stepAt(Date.now()) < step) await pause(500);
    this.#lastStep = step;
    return codeAt(this.#key, step);
  }
}

function stepAt(time: number): number {
  return Math.floor(time / PERIOD);
}

function codeAt(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac[19]! & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

function fromBase32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const letter of text.replace(/[\s=]/g, "").toUpperCase()) {
    bits += alphabet.indexOf(letter).toString(2).padStart(5, "0");
  }
  const bytes = bits.match(/.{8}/g) ?? [];
  return Buffer.from(bytes.map((byte) => parseInt(byte, 2)));
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
