/** The engine (Rust, compiled to wasm): loaded when it is needed, not before. */
import { again } from "../again";
import type { Effect, Input, Picture, Record } from "../engine.gen";
import load, { openPicture, WebEngine } from "../wasm/web.js";
import wasmUrl from "../wasm/web_bg.wasm?url";

/** One state machine: an input and the time in, effects to carry out in order. */
export interface Engine {
  step: (input: Input, now: number) => Effect[];
  /** Opens a ciphertext; throws when it is not the picture that the message tells of. */
  openPicture: (ciphertext: Uint8Array, picture: Picture) => Uint8Array;
}

/** Fetches, compiles and starts the engine with the records under `state/`. */
export async function startEngine(records: Record[]): Promise<Engine> {
  await again(() => load({ module_or_path: wasmUrl }));
  const engine = new WebEngine(records);
  return { step: (input, now) => engine.step(input, now), openPicture };
}
