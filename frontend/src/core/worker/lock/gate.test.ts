import "fake-indexeddb/auto";
import { type IDBPDatabase, openDB } from "idb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LockState } from "../../messages";
import { unseal } from "../seal";
import { Locked, Store } from "../store";
import { Gate } from "./gate";
import { keyOf } from "./testing";

const RIGHT = "a quiet lake at dawn";
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (value: Uint8Array | null) => value && new TextDecoder().decode(value);
const lines = Array.from({ length: 250 }, (_, index) => `history/x/${1000 + index}`);

let account = "";
let told: LockState[] = [];
let gates: Gate[] = [];

/** A tab, as it starts. */
function arrive(): Gate {
  const gate = new Gate(account, (lock) => told.push(lock));
  gates.push(gate);
  return gate;
}

/** Opens the records with a passphrase, and seals on. */
async function comeIn(passphrase: string): Promise<{ gate: Gate; store: Store }> {
  const gate = arrive();
  if (await gate.isLocked()) {
    expect(await gate.unlock((await keyOf(passphrase)).key)).toEqual({ ok: true });
  }
  const store = await Store.open(account, gate.data);
  await store.renew();
  return { gate, store };
}

async function set(gate: Gate, store: Store): Promise<void> {
  await gate.set(store, await keyOf(RIGHT));
  await gate.sealed;
}

async function expectAll(store: Store): Promise<void> {
  const { records, damaged } = await store.load("history/");
  expect(damaged).toEqual([]);
  expect(records.map(({ key, value }) => [key, text(value)])).toEqual(lines.map((it) => [it, it]));
}

async function raw<T>(look: (db: IDBPDatabase) => Promise<T>): Promise<T> {
  const db = await openDB(`snug-${account}`);
  try {
    return await look(db);
  } finally {
    db.close();
  }
}

/** Every key that lies there, and whether one of them opens one of the records. */
async function lyingOpen(): Promise<string[]> {
  return raw(async (db) => {
    const open: string[] = [];
    const keys = (await db.getAll("meta")).filter((it) => it instanceof CryptoKey);
    for (const place of await db.getAllKeys("records")) {
      const value = (await db.get("records", place)) as Uint8Array<ArrayBuffer>;
      for (const key of keys) {
        const opened = await unseal(key, String(place), value).catch(() => null);
        if (opened) open.push(String(place));
      }
    }
    return open;
  });
}

beforeEach(async () => {
  account = crypto.randomUUID();
  told = [];
  const store = await Store.open(account);
  await store.commit(
    lines.map((key) => ({ key, value: bytes(key) })),
    [],
  );
  store.close();
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const gate of gates) gate.close();
  gates = [];
});

describe("a passphrase", () => {
  it("closes every record: nothing that lies there opens one", async () => {
    const { gate, store } = await comeIn(RIGHT);
    expect(await lyingOpen()).toHaveLength(lines.length);
    await set(gate, store);
    await expectAll(store);
    await store.commit([{ key: "state/a", value: bytes("later") }], []);
    store.close();
    expect(await lyingOpen()).toEqual([]);
    expect(await raw((db) => db.getAllKeys("meta"))).toEqual(["lock", "writer"]);
    await expect(Store.open(account)).rejects.toThrow(Locked);
    await expectAll((await comeIn(RIGHT)).store);
  });

  it("tells how far the sealing is, and that it is done", async () => {
    const { gate, store } = await comeIn(RIGHT);
    await set(gate, store);
    const shown = told.flatMap((lock) => (lock.type === "open" ? [lock.sealing] : []));
    expect(shown).toEqual([0, 100 / 250, 200 / 250, 1, null]);
  });

  it("that is another one opens nothing, and costs time in every tab", async () => {
    const first = await comeIn(RIGHT);
    await set(first.gate, first.store);
    first.store.close();
    const wrong = (await keyOf("a loud street")).key;
    const gate = arrive();
    expect(await gate.unlock(wrong)).toEqual({ ok: false, retry_at: null });
    expect(await gate.unlock(wrong)).toEqual({ ok: false, retry_at: null });
    const third = await gate.unlock(wrong);
    const retry_at = third.ok ? null : third.retry_at;
    expect(retry_at).toBeGreaterThan(Date.now());
    expect(gate.data).toBeNull();
    // Neither the right one is tried now, nor in another tab.
    const other = arrive();
    expect(await other.unlock((await keyOf(RIGHT)).key)).toEqual({ ok: false, retry_at });
    expect(await other.isLocked()).toBe(true);
    expect(told.at(-1)).toMatchObject({ type: "locked", retry_at, was_open: false });
    vi.spyOn(Date, "now").mockReturnValue(retry_at! + 1);
    expect(await other.unlock((await keyOf(RIGHT)).key)).toEqual({ ok: true });
    expect(await raw((db) => db.get("meta", "tries"))).toBeUndefined();
  });

  it("can be changed by who knows it", async () => {
    const { gate, store } = await comeIn(RIGHT);
    await set(gate, store);
    const next = await keyOf("another, warmer lake");
    expect(await gate.change(store, next.key, next)).toMatchObject({ ok: false });
    expect(await gate.change(store, (await keyOf(RIGHT)).key, next)).toEqual({ ok: true });
    store.close();
    expect(await arrive().unlock((await keyOf(RIGHT)).key)).toMatchObject({ ok: false });
    await expectAll((await comeIn("another, warmer lake")).store);
  });

  it("can be removed by who knows it, and set again with another key", async () => {
    const { gate, store } = await comeIn(RIGHT);
    await set(gate, store);
    const first = gate.data;
    expect(await gate.remove(store, (await keyOf("wrong")).key)).toMatchObject({ ok: false });
    expect(await gate.remove(store, (await keyOf(RIGHT)).key)).toEqual({ ok: true });
    await gate.sealed;
    expect(told.at(-1)).toEqual({ type: "none", sealing: null });
    await expectAll(store);
    expect(await raw((db) => db.getAllKeys("meta"))).toEqual(["seal", "writer"]);
    expect(await lyingOpen()).toHaveLength(lines.length);
    await set(gate, store);
    expect(gate.data?.id).not.toBe(first?.id);
    await expectAll(store);
    store.close();
    expect(await lyingOpen()).toEqual([]);
  });

  it("leaves alone what was damaged before", async () => {
    await raw((db) => db.put("records", new Uint8Array(40), lines[7]!));
    const { gate, store } = await comeIn(RIGHT);
    await set(gate, store);
    const { records, damaged } = await store.load("history/");
    expect(damaged).toEqual([lines[7]]);
    expect(records).toHaveLength(lines.length - 1);
  });

  it("is asked for in another tab as soon as it is set, and after the key was shut away", async () => {
    const other = arrive();
    expect(await other.isLocked()).toBe(false);
    const { gate, store } = await comeIn(RIGHT);
    gate.opened(store);
    await set(gate, store);
    await vi.waitFor(() =>
      expect(told).toContainEqual(expect.objectContaining({ type: "locked" })),
    );
    expect(await gate.shut()).toBe(true);
    expect(told.at(-1)).toMatchObject({ type: "locked", was_open: true });
    expect(gate.data).toBeNull();
  });
});

describe("a crash", () => {
  /** Lets the first `steps` writes pass; after them the tab is gone. */
  function crashAfter(steps: number): void {
    let left = steps;
    const transaction = IDBDatabase.prototype.transaction;
    vi.spyOn(IDBDatabase.prototype, "transaction").mockImplementation(function (
      this: IDBDatabase,
      ...args: Parameters<IDBDatabase["transaction"]>
    ) {
      if (args[1] === "readwrite" && left-- <= 0) throw new Error("the tab is gone");
      return transaction.apply(this, args);
    });
  }

  // The lock, three pieces of the records, the old key's end.
  for (const steps of [0, 1, 2, 3, 4, 5]) {
    it(`after ${steps} writes of setting one loses nothing`, async () => {
      const { gate, store } = await comeIn(RIGHT);
      crashAfter(steps);
      await set(gate, store).catch(() => undefined);
      vi.restoreAllMocks();
      store.close();
      const again = await comeIn(RIGHT);
      await expectAll(again.store);
      again.store.close();
      expect(await lyingOpen()).toHaveLength(steps === 0 ? lines.length : 0);
      expect(await raw((db) => db.get("meta", "before"))).toBeUndefined();
    });

    it(`after ${steps} writes of removing one loses nothing`, async () => {
      const { gate, store } = await comeIn(RIGHT);
      await set(gate, store);
      crashAfter(steps);
      await gate.remove(store, (await keyOf(RIGHT)).key).catch(() => undefined);
      await gate.sealed;
      vi.restoreAllMocks();
      store.close();
      const again = await comeIn(RIGHT);
      await expectAll(again.store);
      again.store.close();
      expect(await lyingOpen()).toHaveLength(steps === 0 ? 0 : lines.length);
      expect(await raw((db) => db.get("meta", "before"))).toBeUndefined();
    });
  }

  it("in the middle reads and writes all the same before the rest is sealed", async () => {
    const { gate, store } = await comeIn(RIGHT);
    crashAfter(2);
    await set(gate, store);
    vi.restoreAllMocks();
    store.close();
    const tab = arrive();
    await tab.unlock((await keyOf(RIGHT)).key);
    const half = await Store.open(account, tab.data);
    await expectAll(half);
    await half.commit([{ key: lines[249]!, value: bytes(lines[249]!) }], []);
    await Promise.all([half.renew(), expectAll(half)]);
    half.close();
    expect(await lyingOpen()).toEqual([]);
  });
});
