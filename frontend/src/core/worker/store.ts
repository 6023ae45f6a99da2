/** The records of one account in IndexedDB, each sealed. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { ReadRange } from "../engine.gen";
import { makeSealKey, seal, unseal } from "./seal";

interface Schema extends DBSchema {
  /** The seal key and the token of the tab that writes. */
  meta: { key: string; value: CryptoKey | string };
  /** Sealed values; keys are in clear: they hold ids and positions. */
  records: { key: string; value: Uint8Array<ArrayBuffer> };
}

export interface StoredRecord {
  key: string;
  value: Uint8Array<ArrayBuffer>;
}

/** What was read: records rising by key, and the keys of those that do not open any more. */
export interface Opened {
  records: StoredRecord[];
  damaged: string[];
}

/** What a commit writes and removes. */
export interface Change {
  puts: readonly StoredRecord[];
  deletes: readonly string[];
}

/** Somebody who keeps records of its own in step with others. */
export interface Follower {
  /** What else to write in the same transaction. */
  besides: (change: Change) => StoredRecord[];
  /** It is durable. */
  written: (change: Change) => void;
}

/** Another tab has become the writer: nothing was written. */
export class NotTheWriter extends Error {}

const SEAL = "seal";
const WRITER = "writer";

export class Store {
  readonly #db: IDBPDatabase<Schema>;
  readonly #key: CryptoKey;
  readonly #writer: string;
  #follower: Follower | null = null;
  /** The last commit: the next one begins when it is done. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(db: IDBPDatabase<Schema>, key: CryptoKey, writer: string) {
    this.#db = db;
    this.#key = key;
    this.#writer = writer;
  }

  /** Opens an account's records and makes the caller their one writer. */
  static async open(account: string): Promise<Store> {
    const db = await openDB<Schema>(nameOf(account), 1, {
      upgrade(fresh) {
        fresh.createObjectStore("meta");
        fresh.createObjectStore("records");
      },
      // Another tab wants to erase the account: let it.
      blocking: (_, __, event) => (event.target as IDBDatabase).close(),
    });
    const made = await makeSealKey();
    const writer = crypto.randomUUID();
    const change = db.transaction("meta", "readwrite", { durability: "strict" });
    const stands = await change.store.get(SEAL);
    if (stands === undefined) await change.store.put(made, SEAL);
    await change.store.put(writer, WRITER);
    await change.done;
    return new Store(db, (stands as CryptoKey | undefined) ?? made, writer);
  }

  /** Erases an account from this browser. */
  static async erase(account: string): Promise<void> {
    await deleteDB(nameOf(account));
  }

  /** Everything under a prefix, in the order of the keys. */
  async load(prefix: string): Promise<Opened> {
    const range = under(prefix);
    const read = this.#db.transaction("records");
    const [keys, values] = await Promise.all([
      read.store.getAllKeys(range),
      read.store.getAll(range),
    ]);
    return this.#open(keys.map((key, index) => [key, values[index]!]));
  }

  /** The last records under a prefix before a key, rising, and whether there are more. */
  async before(
    prefix: string,
    before: string | null,
    limit: number,
  ): Promise<Opened & { more: boolean }> {
    const range = before === null ? under(prefix) : IDBKeyRange.bound(prefix, before, false, true);
    const sealed: [string, Uint8Array<ArrayBuffer>][] = [];
    const read = this.#db.transaction("records");
    let cursor = await read.store.openCursor(range, "prev");
    while (cursor && sealed.length < limit) {
      sealed.push([cursor.key, cursor.value]);
      cursor = await cursor.continue();
    }
    return { ...(await this.#open(sealed.toReversed())), more: cursor !== null };
  }

  /** The first records under a prefix from a key on, rising, and where those behind begin. */
  async from(
    prefix: string,
    from: string,
    limit: number,
  ): Promise<Opened & { more: boolean; next: string | null }> {
    const range = IDBKeyRange.bound(from, `${prefix}\uffff`);
    const read = this.#db.transaction("records");
    const [keys, values] = await Promise.all([
      read.store.getAllKeys(range, limit + 1),
      read.store.getAll(range, limit),
    ]);
    const opened = await this.#open(values.map((value, index) => [keys[index]!, value]));
    const next = keys[limit] ?? null;
    return { ...opened, more: next !== null, next };
  }

  /** One record. Throws when it does not open any more. */
  async read(key: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const value = await this.#db.get("records", key);
    return value ? unseal(this.#key, key, value) : null;
  }

  /** The records of a range that the engine names; those that are not there, or do not open, are left out. */
  async pick(range: ReadRange): Promise<StoredRecord[]> {
    const read = this.#db.transaction("records");
    const found: [string, Uint8Array<ArrayBuffer> | undefined][] = [];
    if (range.type === "keys") {
      const values = range.keys.map((key) => read.store.get(key));
      for (const [index, key] of range.keys.entries()) found.push([key, await values[index]]);
    } else {
      const bounds = IDBKeyRange.bound(range.from, range.to, false, true);
      const last = await read.store.openCursor(bounds, "prev");
      if (last) found.push([last.key, last.value]);
    }
    const { records } = await this.#open(
      found.filter((it): it is [string, Uint8Array<ArrayBuffer>] => it[1] !== undefined),
    );
    return records;
  }

  keys(prefix: string): Promise<string[]> {
    return this.#db.getAllKeys("records", under(prefix));
  }

  /** There is one. */
  follow(follower: Follower): void {
    this.#follower = follower;
  }

  /** Seals first, then writes everything in one transaction. Throws `NotTheWriter`. */
  commit(puts: readonly StoredRecord[], deletes: readonly string[]): Promise<void> {
    return this.commitWhen(() => ({ puts, deletes }));
  }

  /** As `commit`, of what is only known when every commit before is done and followed. */
  commitWhen(make: () => Change | Promise<Change>): Promise<void> {
    const commit = this.#last.then(async () => {
      const change = await make();
      const besides = this.#follower?.besides(change) ?? [];
      await this.#write([...change.puts, ...besides], change.deletes);
      this.#follower?.written(change);
    });
    this.#last = commit.catch(() => undefined);
    return commit;
  }

  async #write(puts: readonly StoredRecord[], deletes: readonly string[]): Promise<void> {
    const sealed = await Promise.all(
      puts.map(async ({ key, value }) => [key, await seal(this.#key, key, value)] as const),
    );
    const change = this.#db.transaction(["meta", "records"], "readwrite", { durability: "strict" });
    const done = change.done.catch((fault: unknown) => fault);
    if ((await change.objectStore("meta").get(WRITER)) !== this.#writer) {
      change.abort();
      await done;
      throw new NotTheWriter("another tab writes now");
    }
    const records = change.objectStore("records");
    // Only the transaction's end counts: a single failed request aborts it.
    for (const [key, value] of sealed) void records.put(value, key).catch(() => undefined);
    for (const key of deletes) void records.delete(key).catch(() => undefined);
    const fault = await done;
    if (fault !== undefined) throw fault as Error;
  }

  close(): void {
    this.#db.close();
  }

  async #open(sealed: [string, Uint8Array<ArrayBuffer>][]): Promise<Opened> {
    const opened = await Promise.all(
      sealed.map(async ([key, value]) => ({
        key,
        value: await unseal(this.#key, key, value).catch(() => null),
      })),
    );
    return {
      records: opened.filter((record): record is StoredRecord => record.value !== null),
      damaged: opened.filter(({ value }) => value === null).map(({ key }) => key),
    };
  }
}

function nameOf(account: string): string {
  return `snug-${account}`;
}

/** Every key that starts with a prefix. Keys are ASCII. */
function under(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`);
}
