/** 10,000 messages that nobody wrote, the same in every run, and what is looked for in them. */
import type { Entry } from "../src/core/engine.gen";
import type { StoredRecord } from "../src/core/worker/store";

export const MESSAGES = 10_000;
const WORDS = 12_000;
const LENGTH = 14;
export const conversations = Array.from({ length: 20 }, () => crypto.randomUUID());

/** The same numbers in every run. */
let seed = 7;
function random(): number {
  seed = (seed * 1_103_515_245 + 12_345) % 0x80000000;
  return seed / 0x80000000;
}

const syllables = "ba ce di fo gu la me ni ro su ta ve zé cœ thi ing pre sto ar el".split(" ");
export const vocabulary = Array.from({ length: WORDS }, () =>
  Array.from(
    { length: 1 + Math.floor(random() * 4) },
    () => syllables[Math.floor(random() * syllables.length)],
  ).join(""),
);

/** Few words are frequent and most are rare, as in a language. */
function word(): string {
  return vocabulary[Math.floor(WORDS ** random()) - 1]!;
}

export const texts = Array.from({ length: MESSAGES }, () =>
  Array.from({ length: LENGTH }, word).join(" "),
);
export const idOf = (at: number) =>
  `${conversations[at % conversations.length]}/${at.toString(16).padStart(24, "0")}`;

export function recordOf(text: string, at: number): StoredRecord {
  const entry: Partial<Entry> = {
    key: `${at}`,
    state: "sent",
    sent_at: at,
    body: { type: "text", text },
  };
  const value = new TextEncoder().encode(JSON.stringify(entry));
  return { key: `history/${idOf(at)}`, value };
}

export const queries: Record<string, string> = {
  "a frequent word": vocabulary[1]!,
  "a rare word": vocabulary[9_000]!,
  "two letters": "st",
  "three words": `${vocabulary[3]} ${vocabulary[5]} ${vocabulary[80]}`,
  "a word with a slip": vocabulary.find((word) => word.length > 8)!.replace(/..$/, "qq"),
  nothing: "xxxxxxxxxx",
};
