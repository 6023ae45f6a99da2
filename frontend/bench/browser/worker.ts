/** Measures where the app does its work: in a worker, with the app's own search, records and wasm. */
import load, { BenchRoom } from "@bench/web.js";
import wasmUrl from "@bench/web_bg.wasm?url";
import { Search } from "../../src/core/worker/search/search";
import { Store } from "../../src/core/worker/store";
import { MESSAGES, queries, recordOf, texts } from "../messages";
import { type Figures, type Options, ranked } from "./figures";

/** Messages that are timed together: one alone is shorter than what the clock can tell. */
const BATCH = 10;
/** Rounds before those that count. */
const WARM = 5;

self.addEventListener("message", ({ data }: MessageEvent<Options>) => {
  void measure(data).then(
    (figures) => self.postMessage({ figures }),
    (fault: unknown) => self.postMessage({ fault: String(fault) }),
  );
});

async function measure({ rounds, members }: Options): Promise<Figures> {
  await load({ module_or_path: wasmUrl });
  const messages = [];
  for (const count of members) {
    messages.push({ members: count, microseconds: await sealAndOpen(count, rounds) });
  }
  return { search: { messages: MESSAGES, milliseconds: await search(rounds) }, messages };
}

async function search(rounds: number): Promise<Record<string, ReturnType<typeof ranked>>> {
  const store = await Store.open(crypto.randomUUID());
  const found = await Search.open(store);
  await store.commit(texts.map(recordOf), []);
  const figures: Record<string, ReturnType<typeof ranked>> = {};
  for (const [name, query] of Object.entries(queries)) {
    figures[name] = await timed(rounds, () => found.find(query, { limit: 20, offset: 0 }));
  }
  return figures;
}

async function sealAndOpen(members: number, rounds: number): Promise<ReturnType<typeof ranked>> {
  const room = new BenchRoom(members);
  const times = await timed(rounds, () => {
    for (let message = 0; message < BATCH; message++) room.message();
  });
  room.free();
  const each = (milliseconds: number) => Math.round((milliseconds * 1e6) / BATCH) / 1000;
  return { p50: each(times.p50), p95: each(times.p95), count: times.count * BATCH };
}

/** In milliseconds. */
async function timed(rounds: number, work: () => unknown): Promise<ReturnType<typeof ranked>> {
  const times = [];
  for (let round = -WARM; round < rounds; round++) {
    const began = performance.now();
    await work();
    if (round >= 0) times.push(performance.now() - began);
  }
  return ranked(times);
}
