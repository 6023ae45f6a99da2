/** The engine (Rust, compiled to wasm): loaded when it is needed, not before. */
import { again } from "../again";
import type { Effect, Input, Picture, Record } from "../engine.gen";
import { here } from "../here";
import load, { openPicture, WebEngine } from "../wasm/web.js";
import wasmIntegrity from "../wasm/web_bg.wasm?integrity";
import wasmUrl from "../wasm/web_bg.wasm?url";

/** One state machine: an input and the time in, effects to carry out in order. */
export interface Engine {
  step: (input: Input, now: number) => Effect[];
  /** Opens a ciphertext; throws when it is not the picture that the message tells of. */
  openPicture: (ciphertext: Uint8Array, picture: Picture) => Uint8Array;
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
  return { step: (input, now) => engine.step(input, now), openPicture };
}
