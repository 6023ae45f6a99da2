/** What `cargo xtask wasm` makes of crates/web; here so that the rest is checked without it. */
declare module "*/wasm/web.js" {
  import type { Document, Effect, Input, Picture, Record } from "@/core/engine.gen";
  import type { Base64 } from "@/protocol.gen";

  export default function load(from: { module_or_path: Promise<Response> }): Promise<unknown>;

  export function openPicture(ciphertext: Uint8Array, picture: Picture): Uint8Array;

  /** `undefined`: there is not that much memory (KiB). */
  export function passphraseKey(
    passphrase: Uint8Array,
    salt: Uint8Array,
    memory: number,
    passes: number,
  ): Uint8Array<ArrayBuffer> | undefined;

  export class FileSealer {
    constructor(length: number);
    push(bytes: Uint8Array): Uint8Array<ArrayBuffer>;
    finish(): { ciphertext: Uint8Array<ArrayBuffer>; key: Base64; sha256: Base64 };
    free(): void;
  }

  export class FileOpener {
    constructor(ciphertext: Uint8Array, file: Pick<Document, "key" | "sha256">);
    nextPiece(): Uint8Array<ArrayBuffer> | undefined;
    free(): void;
  }

  export class WebEngine {
    constructor(records: Record[]);
    step(input: Input, now: number): Effect[];
  }
}

/** What `build/integrity.ts` makes of a file: its hash, for `fetch`. */
declare module "*?integrity" {
  const integrity: string;
  export default integrity;
}
