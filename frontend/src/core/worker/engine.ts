/** The engine (Rust, compiled to wasm): loaded when it is needed, not before. */
import { again } from "../again";
import type { Base64 } from "@/protocol.gen";
import type { Document, Effect, Input, Picture, Record } from "../engine.gen";
import { here } from "../here";
import load, { FileOpener, FileSealer, openPicture, WebEngine } from "../wasm/web.js";
import wasmIntegrity from "../wasm/web_bg.wasm?integrity";
import wasmUrl from "../wasm/web_bg.wasm?url";

/** One state machine: an input and the time in, effects to carry out in order. */
export interface Engine {
  step: (input: Input, now: number) => Effect[];
  /** Opens a ciphertext; throws when it is not the picture that the message tells of. */
  openPicture: (ciphertext: Uint8Array, picture: Picture) => Uint8Array;
  /** Seals a file of so many bytes. */
  sealer: (length: number) => Sealer;
  /** Opens a file's ciphertext; throws when it is not the one that was sent. */
  opener: (ciphertext: Uint8Array, file: Pick<Document, "key" | "sha256">) => Opener;
}

/** Takes a file piece by piece; `free` it when it is not finished. */
export interface Sealer {
  /** The ciphertext that is ready, often none. Throws when there are more bytes than announced. */
  push: (bytes: Uint8Array) => Uint8Array<ArrayBuffer>;
  /** The rest. Throws when bytes are missing. */
  finish: () => { ciphertext: Uint8Array<ArrayBuffer>; key: Base64; sha256: Base64 };
  free: () => void;
}

/** Gives a file piece by piece; `free` it in the end. */
export interface Opener {
  /** Throws when it does not open: what was given before is no file. */
  nextPiece: () => Uint8Array<ArrayBuffer> | undefined;
  free: () => void;
}

/**
 * Fetches, compiles and starts the engine with the records under `state/`. Only the module that
 * this worker was built with is compiled: the browser holds it against its hash first.
 */
export async function startEngine(records: Record[]): Promise<Engine> {
  let cache: RequestCache = "default";
  await again(() => {
    const module = fetch(here(wasmUrl), { integrity: wasmIntegrity, cache });
    // What did not fit would come out of the browser's cache as it was.
    cache = "reload";
    return load({ module_or_path: module });
  });
  const engine = new WebEngine(records);
  return {
    step: (input, now) => engine.step(input, now),
    openPicture,
    // What comes out of wasm is a copy in memory of its own, which the generated types do not say.
    sealer: (length) => new FileSealer(length) as Sealer,
    opener: (ciphertext, file) => new FileOpener(ciphertext, file) as Opener,
  };
}
