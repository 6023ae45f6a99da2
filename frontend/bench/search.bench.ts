/** Search in 10,000 messages: each query is to take less than 50 ms. */
import "fake-indexeddb/auto";
import { bench, describe } from "vitest";
import { Lines } from "../src/core/worker/search/lines";
import { Search } from "../src/core/worker/search/search";
import { Store } from "../src/core/worker/store";
import { conversations, idOf, MESSAGES, queries, recordOf, texts, vocabulary } from "./messages";

describe(`${MESSAGES} messages, in memory`, () => {
  const lines = Lines.empty();
  texts.forEach((text, at) => lines.put({ id: idOf(at), text, at }));
  for (const [name, query] of Object.entries(queries)) {
    bench(name, () => void lines.find(query));
  }
  bench("a frequent word in one conversation", () => {
    lines.find(vocabulary[1]!, conversations[3]);
  });
});

describe(`${MESSAGES} messages, a page of 20 from sealed records`, () => {
  let made: Promise<Search> | undefined;
  async function ready(): Promise<Search> {
    const store = await Store.open(crypto.randomUUID());
    const search = await Search.open(store);
    await store.commit(texts.map(recordOf), []);
    await search.find("", { limit: 20, offset: 0 });
    return search;
  }
  for (const [name, query] of Object.entries(queries)) {
    bench(
      name,
      async () => {
        const search = await (made ??= ready());
        await search.find(query, { limit: 20, offset: 0 });
      },
      { warmupIterations: 3 },
    );
  }
});

describe("making ready", () => {
  bench(
    "the index of 10,000 messages",
    () => {
      const lines = Lines.empty();
      texts.forEach((text, at) => lines.put({ id: idOf(at), text, at }));
    },
    { iterations: 3, warmupIterations: 1, time: 0 },
  );
  const whole = Lines.empty();
  texts.forEach((text, at) => whole.put({ id: idOf(at), text, at }));
  const packed = whole.pack();
  bench("reading it back", async () => void (await Lines.read(packed)), {
    iterations: 3,
    warmupIterations: 1,
    time: 0,
  });
});
