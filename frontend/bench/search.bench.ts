/** Search in 10,000 messages: each query is to take less than 50 ms. */
import "fake-indexeddb/auto";
import { bench, describe } from "vitest";
import type { Entry } from "../src/core/engine.gen";
import { Lines } from "../src/core/worker/search/lines";
import { Search } from "../src/core/worker/search/search";
import { Store, type StoredRecord } from "../src/core/worker/store";

const MESSAGES = 10_000;
const WORDS = 12_000;
const LENGTH = 14;
const conversations = Array.from({ length: 20 }, () => crypto.randomUUID());

/** The same numbers in every run. */
let seed = 7;
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 0x80000000;
  return seed / 0x80000000;
}

const syllables = "ba ce di fo gu la me ni ro su ta ve zé cœ thi ing pre sto ar el".split(" ");
const vocabulary = Array.from({ length: WORDS }, () =>
  Array.from(
    { length: 1 + Math.floor(random() * 4) },
    () => syllables[Math.floor(random() * syllables.length)],
  ).join(""),
);

/** Few words are frequent and most are rare, as in a language. */
function word(): string {
  return vocabulary[Math.floor(WORDS ** random()) - 1]!;
}

const texts = Array.from({ length: MESSAGES }, () =>
  Array.from({ length: LENGTH }, word).join(" "),
);
const idOf = (at: number) =>
  `${conversations[at % conversations.length]}/${at.toString(16).padStart(24, "0")}`;

function recordOf(text: string, at: number): StoredRecord {
  const entry: Partial<Entry> = {
    key: `${at}`,
    state: "sent",
    sent_at: at,
    body: { type: "text", text },
  };
  const value = new TextEncoder().encode(JSON.stringify(entry));
  return { key: `history/${idOf(at)}`, value };
}

const queries: Record<string, string> = {
  "a frequent word": vocabulary[1]!,
  "a rare word": vocabulary[9_000]!,
  "two letters": "st",
  "three words": `${vocabulary[3]} ${vocabulary[5]} ${vocabulary[80]}`,
  "a word with a slip": vocabulary.find((word) => word.length > 8)!.replace(/..$/, "qq"),
  nothing: "xxxxxxxxxx",
};

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
