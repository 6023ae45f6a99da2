import "fake-indexeddb/auto";
import { openDB } from "idb";
import { describe, expect, it } from "vitest";
import { readHistory } from "./history";
import { Store } from "./store";

/** Nine entries, of which these do not open, and these are no entries. */
async function stored(damaged: number[], odd: number[] = []): Promise<Store> {
  const account = crypto.randomUUID();
  const store = await Store.open(account);
  const all = Array.from({ length: 9 }, (_, at) => `${at + 1}`);
  const puts = all.map((position) => ({
    key: `history/bo/${position}`,
    value: new TextEncoder().encode(
      odd.includes(Number(position)) ? "{" : JSON.stringify({ position }),
    ),
  }));
  await store.commit(puts, []);
  const raw = await openDB(`snug-${account}`);
  for (const at of damaged) await raw.put("records", new Uint8Array(30), `history/bo/${at}`);
  raw.close();
  return store;
}

describe("the history", () => {
  it("is read past what does not open, and says where that stood", async () => {
    const store = await stored([7], [8]);
    const page = await readHistory(store, { conversation: "bo", limit: 4 });
    expect(page.entries.map(({ position }) => position)).toEqual(["6", "9"]);
    expect(page.damaged.toSorted()).toEqual(["7", "8"]);
    expect(page.more).toBe(true);
  });

  it("goes on over whole pages of it, in both directions", async () => {
    const store = await stored([3, 4, 5, 6, 7, 8, 9]);
    const back = await readHistory(store, { conversation: "bo", limit: 3 });
    expect(back.entries.map(({ position }) => position)).toEqual(["1", "2"]);
    expect(back.damaged).toHaveLength(7);
    expect(back.more).toBe(false);
    const on = await readHistory(await stored([2, 3, 4]), {
      conversation: "bo",
      from: "2",
      limit: 2,
    });
    expect(on.entries.map(({ position }) => position)).toEqual(["5"]);
    expect(on.damaged.toSorted()).toEqual(["2", "3", "4"]);
    expect(on.more).toBe(true);
  });

  it("may be nothing else", async () => {
    const store = await stored([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const page = await readHistory(store, { conversation: "bo", limit: 4 });
    expect([page.entries, page.more]).toEqual([[], false]);
    expect(page.damaged).toHaveLength(9);
  });
});
