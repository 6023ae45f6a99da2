/** What `cargo xtask wasm` makes of crates/web; here so that the rest is checked without it. */
declare module "*/wasm/web.js" {
  import type { Effect, Input, Picture, Record } from "@/core/engine.gen";

  export default function load(from: { module_or_path: Promise<Response> }): Promise<unknown>;

  export function openPicture(ciphertext: Uint8Array, picture: Picture): Uint8Array;

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
