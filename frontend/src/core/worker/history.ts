/** Pages of a conversation's entries, past those that do not open any more. */
import type { Entry } from "../engine.gen";
import type { HistoryPage, HistoryRange } from "../messages";
import type { Store, StoredRecord } from "./store";

const text = new TextDecoder();

export async function readHistory(store: Store, range: HistoryRange): Promise<HistoryPage> {
  const { conversation, limit } = range;
  const prefix = `history/${conversation}/`;
  const damaged: string[] = [];
  let { before, from } = range;
  // A page without a single entry would leave nothing to go on from.
  for (;;) {
    const page =
      from === undefined
        ? await store.before(prefix, before === undefined ? null : prefix + before, limit)
        : await store.from(prefix, prefix + from, limit);
    const entries: Entry[] = [];
    const here = page.damaged.map((key) => key.slice(prefix.length));
    for (const record of page.records) {
      const entry = entryOf(record);
      if (entry) entries.push(entry);
      else here.push(record.key.slice(prefix.length));
    }
    damaged.push(...here);
    if (entries.length > 0 || !page.more) return { entries, damaged, more: page.more };
    here.sort();
    if (from === undefined) before = here[0];
    else from = `${here.at(-1)}\0`;
  }
}

function entryOf({ value }: StoredRecord): Entry | null {
  try {
    return JSON.parse(text.decode(value)) as Entry;
  } catch {
    return null;
  }
}
