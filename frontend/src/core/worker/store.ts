/** The records of one account in IndexedDB, each sealed. */
import type { IDBPObjectStore } from "idb";
import type { ReadRange } from "../engine.gen";
import {
  type Database,
  eraseDatabase,
  type Meta,
  openDatabase,
  readMeta,
  type Schema,
} from "./database";
import type { DataKey, LockBox } from "./lock/box";
import { renewSome } from "./lock/renew";
import { makeSealKey, seal, unsealBy } from "./seal";

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

interface MetaChange {
  put: <K extends keyof Meta>(value: Meta[K], key: K) => void;
  remove: (key: keyof Meta) => void;
}

type RecordStore = IDBPObjectStore<Schema, ("meta" | "records")[], "records", "readwrite">;

/** A passphrase closes the records: nothing of them was read. */
export class Locked extends Error {}

export class Store {
  readonly #db: Database;
  /** What seals from now on, then what sealed before: either may have sealed what is read. */
  #keys: readonly CryptoKey[];
  /** Records are under a key that still lies beside them and shall not. */
  #owed: boolean;
  readonly #writer: string;
  #follower: Follower | null = null;
  /** The last commit: the next one begins when it is done. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(db: Database, keys: readonly CryptoKey[], writer: string) {
    this.#db = db;
    this.#keys = keys;
    this.#owed = keys.length > 1;
    this.#writer = writer;
  }

  /**
   * Opens an account's records and makes the caller their one writer. Throws `Locked` when they are
   * closed by a passphrase, unless `data` is the key.
   */
  static async open(account: string, data?: DataKey | null): Promise<Store> {
    const db = await openDatabase(account);
    const made = await makeSealKey();
    const writer = crypto.randomUUID();
    const change = db.transaction("meta", "readwrite", { durability: "strict" });
    const lock = await readMeta(change.store, "lock");
    if (lock && lock.id !== data?.id) {
      await change.done;
      db.close();
      throw new Locked("the records are closed by a passphrase");
    }
    const stands = await readMeta(change.store, "seal");
    const before = await readMeta(change.store, "before");
    if (!lock && !stands) await change.store.put(made, "seal");
    await change.store.put(writer, "writer");
    await change.done;
    const key = (lock ? data?.key : stands) ?? made;
    return new Store(db, before ? [key, before] : [key], writer);
  }

  /** Erases an account from this browser. */
  static async erase(account: string): Promise<void> {
    await eraseDatabase(account);
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
    return value ? unsealBy(this.#keys, key, value) : null;
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
    return this.#inTurn(async () => {
      const change = await make();
      const besides = this.#follower?.besides(change) ?? [];
      const sealed = await Promise.all(
        [...change.puts, ...besides].map(
          async ({ key, value }) => [key, await seal(this.#key, key, value)] as const,
        ),
      );
      await this.#write(sealed, change.deletes);
      this.#follower?.written(change);
    });
  }

  /** From now on a passphrase opens the records. All of them are owed a new seal: `renew`. */
  async lock(box: LockBox, data: DataKey): Promise<void> {
    await this.renew();
    await this.#replaceKey(data.key, ({ put, remove }) => {
      put(box, "lock");
      remove("seal");
    });
  }

  /** Another passphrase for the same key. */
  relock(box: LockBox): Promise<void> {
    return this.#inTurn(() => this.#transact(({ put }) => put(box, "lock")));
  }

  /** From now on nothing is asked before the records open; as `lock`. */
  async unlock(): Promise<void> {
    await this.renew();
    const made = await makeSealKey();
    await this.#replaceKey(made, ({ put, remove }) => {
      put(made, "seal");
      remove("lock");
      remove("tries");
    });
  }

  /**
   * Seals anew what is still under the key before, and deletes that key. `tell` is told how much is
   * done, up to 1. What a crash cuts off goes on with the next call: both keys lie there until then.
   */
  async renew(tell: (done: number) => void = () => undefined): Promise<void> {
    if (!this.#owed) return;
    const all = await this.#db.count("records");
    let seen = 0;
    for (let behind: string | null = ""; behind !== null;) {
      const from: string = behind;
      behind = await this.#inTurn(async () => {
        const some = await renewSome(this.#db, from, this.#keys);
        if (some.records.length > 0) await this.#write(some.records, []);
        seen += some.seen;
        return some.last;
      });
      tell(Math.min(seen / Math.max(all, 1), 1));
    }
    await this.#inTurn(() => this.#transact(({ remove }) => remove("before")));
    this.#owed = false;
  }

  /** Records wait for a new seal. */
  get owed(): boolean {
    return this.#owed;
  }

  get #key(): CryptoKey {
    return this.#keys[0]!;
  }

  #replaceKey(key: CryptoKey, change: (meta: MetaChange) => void): Promise<void> {
    return this.#inTurn(async () => {
      const before = this.#key;
      await this.#transact((meta) => {
        meta.put(before, "before");
        change(meta);
      });
      this.#keys = [key, ...this.#keys];
      this.#owed = true;
    });
  }

  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act);
    this.#last = done.catch(() => undefined);
    return done;
  }

  #write(
    sealed: readonly (readonly [string, Uint8Array<ArrayBuffer>])[],
    deletes: readonly string[],
  ): Promise<void> {
    return this.#transact((_, records) => {
      for (const [key, value] of sealed) void records.put(value, key).catch(() => undefined);
      for (const key of deletes) void records.delete(key).catch(() => undefined);
    });
  }

  /** One transaction, durable when it resolves. Only its end counts: a failed request aborts it. */
  async #transact(act: (meta: MetaChange, records: RecordStore) => void): Promise<void> {
    const change = this.#db.transaction(["meta", "records"], "readwrite", { durability: "strict" });
    const done = change.done.catch((fault: unknown) => fault);
    const meta = change.objectStore("meta");
    if ((await readMeta(meta, "writer")) !== this.#writer) {
      change.abort();
      await done;
      throw new NotTheWriter("another tab writes now");
    }
    const metaChange: MetaChange = {
      put: (value, key) => void meta.put(value, key).catch(() => undefined),
      remove: (key) => void meta.delete(key).catch(() => undefined),
    };
    act(metaChange, change.objectStore("records"));
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
        value: await unsealBy(this.#keys, key, value).catch(() => null),
      })),
    );
    return {
      records: opened.filter((record): record is StoredRecord => record.value !== null),
      damaged: opened.filter(({ value }) => value === null).map(({ key }) => key),
    };
  }
}

/** Every key that starts with a prefix. Keys are ASCII. */
function under(prefix: string): IDBKeyRange {
  return IDBKeyRange.bound(prefix, `${prefix}\uffff`);
}
