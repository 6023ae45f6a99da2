import "fake-indexeddb/auto";
import { openDB } from "idb";
import { beforeEach, describe, expect, it } from "vitest";
import { NotTheWriter, Store } from "./store";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null | undefined) => value && new TextDecoder().decode(value);
let account = "";
beforeEach(() => {
  account = crypto.randomUUID();
});

describe("the records of an account", () => {
  it("survive closing, under the same key", async () => {
    const first = await Store.open(account);
    await first.commit([{ key: "state/a", value: bytes("alpha") }], []);
    first.close();
    const second = await Store.open(account);
    expect(text(await second.read("state/a"))).toBe("alpha");
    expect(await second.read("state/b")).toBeNull();
  });

  it("are nowhere in clear, and the key cannot be exported", async () => {
    const store = await Store.open(account);
    await store.commit([{ key: "history/x/1", value: bytes("see you at the lake") }], []);
    const raw = await openDB(`snug-${account}`);
    const kept: Uint8Array = await raw.get("records", "history/x/1");
    expect(text(kept)).not.toContain("lake");
    const key: CryptoKey = await raw.get("meta", "seal");
    expect(key.extractable).toBe(false);
    raw.close();
  });

  it("open only where they were put", async () => {
    const store = await Store.open(account);
    await store.commit([{ key: "state/a", value: bytes("alpha") }], []);
    const raw = await openDB(`snug-${account}`);
    await raw.put("records", await raw.get("records", "state/a"), "state/b");
    raw.close();
    await expect(store.read("state/b")).rejects.toThrow();
  });

  it("are read by prefix and backwards by range", async () => {
    const store = await Store.open(account);
    const puts = ["1", "2", "3", "4"].map((n) => ({ key: `history/x/${n}`, value: bytes(n) }));
    await store.commit([...puts, { key: "history/y/1", value: bytes("y") }], []);
    expect((await store.load("history/x/")).records.map(({ value }) => text(value))).toEqual([
      "1",
      "2",
      "3",
      "4",
    ]);
    const newest = await store.before("history/x/", null, 2);
    expect(newest.records.map(({ value }) => text(value))).toEqual(["3", "4"]);
    expect(newest.more).toBe(true);
    const older = await store.before("history/x/", "history/x/3", 2);
    expect(older.records.map(({ value }) => text(value))).toEqual(["1", "2"]);
    expect(older.more).toBe(false);
  });

  it("change all at once, puts and deletes", async () => {
    const store = await Store.open(account);
    await store.commit([{ key: "state/a", value: bytes("1") }], []);
    await store.commit([{ key: "state/b", value: bytes("2") }], ["state/a", "state/none"]);
    expect((await store.load("state/")).records.map(({ key }) => key)).toEqual(["state/b"]);
  });

  it("refuse a writer who was replaced", async () => {
    const asleep = await Store.open(account);
    await Store.open(account);
    await expect(asleep.commit([{ key: "state/a", value: bytes("x") }], [])).rejects.toThrow(
      NotTheWriter,
    );
    expect(await asleep.read("state/a")).toBeNull();
  });

  it("can be erased for good", async () => {
    const store = await Store.open(account);
    await store.commit([{ key: "state/a", value: bytes("alpha") }], []);
    store.close();
    await Store.erase(account);
    expect(await (await Store.open(account)).read("state/a")).toBeNull();
  });
});
