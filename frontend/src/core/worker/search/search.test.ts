import "fake-indexeddb/auto";
import { openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Body, Entry } from "../../engine.gen";
import { Store } from "../store";
import { Lines } from "./lines";
import { Search } from "./search";

const INDEX = "search/index/1";
const words = (text: string): Body => ({ type: "text", text });
const position = (place: number) => place.toString(16).padStart(24, "0");

function record(place: number, body: Body, more: Partial<Entry> = {}) {
  const entry = {
    key: `k${place}`,
    position: position(place),
    sent_at: place,
    state: "sent",
    body,
  };
  return {
    key: `history/bo/${more.position ?? entry.position}`,
    value: new TextEncoder().encode(JSON.stringify({ ...entry, ...more })),
  };
}

let account = "";
let store: Store;
let search: Search;

/** As when the tab is opened again. */
async function open(): Promise<void> {
  search?.stop();
  store?.close();
  store = await Store.open(account);
  search = await Search.open(store, 10);
}

async function found(query: string): Promise<string[]> {
  const { hits } = await search.find(query, { limit: 10, offset: 0 });
  return hits.map(({ key }) => key);
}

const standing = async () => (await store.keys("search/")).length > 0;
const packed = async () => new TextDecoder().decode((await store.read(INDEX)) ?? undefined);

beforeEach(async () => {
  account = crypto.randomUUID();
  await open();
});
afterEach(() => {
  vi.restoreAllMocks();
  search.stop();
});

describe("search", () => {
  it("finds what was there and what comes, where it stands", async () => {
    await store.commit([record(1, words("the old lake")), record(2, words("a path"))], []);
    expect(await found("lake")).toEqual(["k1"]);
    await store.commit([record(3, words("the lake again"))], []);
    const { hits, total } = await search.find("lake", { limit: 1, offset: 1 });
    expect(total).toBe(2);
    expect(hits).toEqual([
      {
        conversation: "bo",
        key: "k1",
        position: position(1),
        sent_at: 1,
        snippet: [
          { text: "the old ", marked: false },
          { text: "lake", marked: true },
        ],
      },
    ]);
  });

  it("knows a message from when it was sent, and once", async () => {
    expect(await found("lake")).toEqual([]);
    const sending = record(1, words("lake"), { state: "sending", position: "~0" });
    await store.commit([sending], []);
    expect(await found("lake")).toEqual([]);
    await store.commit([record(1, words("lake"))], [sending.key]);
    expect(await found("lake")).toEqual(["k1"]);
  });

  it("follows edits and removals", async () => {
    await store.commit([record(1, words("lake")), record(2, words("lake"))], []);
    expect(await found("lake")).toEqual(["k2", "k1"]);
    await store.commit([record(1, words("river"))], [record(2, words("")).key]);
    expect(await found("lake")).toEqual([]);
    expect(await found("river")).toEqual(["k1"]);
  });

  it("takes what changes while the index is made as it is then", async () => {
    await store.commit([record(1, words("lake")), record(2, words("lake"))], []);
    const from = store.from.bind(store);
    vi.spyOn(store, "from").mockImplementation(async (...range) => {
      const page = await from(...range);
      await store.commit([record(1, words("river"))], [record(2, words("")).key]);
      return page;
    });
    expect(await found("lake")).toEqual([]);
    expect(await found("river")).toEqual(["k1"]);
  });

  it("keeps a sealed index, with a note of all that changed since", async () => {
    await store.commit([record(1, words("lake")), record(2, words("the lake"))], []);
    await found("");
    await vi.waitFor(async () => expect(await standing()).toBe(true));
    await store.commit([record(3, words("lake three"))], [record(1, words("")).key]);
    expect(await store.keys("search/changed/")).toHaveLength(2);
    const raw = await openDB(`snug-${account}`);
    for (const key of await store.keys("search/")) {
      const sealed = new TextDecoder().decode(await raw.get("records", key));
      expect(sealed).not.toContain("lake");
    }
    raw.close();

    await open();
    const made = vi.spyOn(store, "from");
    expect(await found("lake")).toEqual(["k3", "k2"]);
    expect(made).not.toHaveBeenCalled();
  });

  it.each([
    ["does not open", new Uint8Array(50)],
    ["is not there", null],
  ])("makes the index anew when it %s", async (_, damaged) => {
    await store.commit([record(1, words("lake"))], []);
    await found("");
    await vi.waitFor(async () => expect(await standing()).toBe(true));
    const raw = await openDB(`snug-${account}`);
    if (damaged) await raw.put("records", damaged, INDEX);
    else await raw.delete("records", INDEX);
    raw.close();
    await open();
    expect(await found("lake")).toEqual(["k1"]);
    await vi.waitFor(async () => expect(await packed()).toContain("lake"));
  });

  it("leaves out an entry that does not open, and an index of another version", async () => {
    const old = [{ key: "search/index/0", value: new Uint8Array(3) }];
    await store.commit([record(1, words("lake")), record(2, words("lake")), ...old], []);
    const raw = await openDB(`snug-${account}`);
    await raw.put("records", new Uint8Array(40), record(2, words("")).key);
    raw.close();
    await open();
    expect(await store.keys("search/")).toEqual([]);
    expect(await found("lake")).toEqual(["k1"]);
  });

  it.each([
    ["deleted", () => store.commit([], [record(1, words("")).key])],
    ["taken back", () => store.commit([record(1, { type: "deleted" })], [])],
    ["edited", () => store.commit([record(1, words("pike"), { edited_at: 5 })], [])],
    [
      "deleted just before the tab was closed",
      async () => {
        await store.commit([], [record(1, words("")).key]);
        await open();
      },
    ],
  ])("takes the words of what was %s out of the record soon", async (_, erase) => {
    await store.commit([record(1, words("swordfish")), record(2, words("lake"))], []);
    await found("");
    await vi.waitFor(async () => expect(await packed()).toContain("swordfish"));
    await open();
    await erase();
    await vi.waitFor(async () => expect(await packed()).not.toContain("swordfish"));
    expect(await packed()).toContain("lake");
    expect(await store.keys("search/")).toEqual([INDEX]);
  });

  it("writes the index again when much has changed, and misses nothing meanwhile", async () => {
    await store.commit([record(0, words("first"))], []);
    await found("");
    await vi.waitFor(async () => expect(await standing()).toBe(true));
    const clean = vi.spyOn(Lines.prototype, "clean").mockImplementation(async () => {
      clean.mockRestore();
      void store.commit([record(999, words("meanwhile"))], []);
    });
    const many = Array.from({ length: 501 }, (_, place) => record(place + 1, words("lake")));
    await store.commit(many, []);
    await vi.waitFor(async () => expect(await packed()).toContain("meanwhile"));
    expect(await store.keys("search/changed/")).toEqual([]);
  });
});
