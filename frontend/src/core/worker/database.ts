/** The IndexedDB database of one account. */
import { type DBSchema, deleteDB, type IDBPDatabase, openDB } from "idb";
import type { LockBox } from "./lock/box";
import type { Tries } from "./lock/tries";

export interface Schema extends DBSchema {
  /** What the records are sealed with, and the token of the tab that writes. */
  meta: { key: keyof Meta; value: Meta[keyof Meta] };
  /** Sealed values; keys are in clear: they hold ids and positions. */
  records: { key: string; value: Uint8Array<ArrayBuffer> };
}

export interface Meta {
  /** What seals, unless there is a lock. */
  seal: CryptoKey;
  /** What sealed until now: some records are still under it. */
  before: CryptoKey;
  /** What seals, closed by a passphrase. */
  lock: LockBox;
  tries: Tries;
  writer: string;
}

export type Database = IDBPDatabase<Schema>;

interface MetaStore {
  get: (key: keyof Meta) => Promise<Meta[keyof Meta] | undefined>;
}

export function openDatabase(account: string): Promise<Database> {
  return openDB<Schema>(nameOf(account), 1, {
    upgrade(fresh) {
      fresh.createObjectStore("meta");
      fresh.createObjectStore("records");
    },
    // Another tab wants to erase the account: let it.
    blocking: (_, __, event) => (event.target as IDBDatabase).close(),
  });
}

/** Reads what lies under a name of `meta`. */
export async function readMeta<K extends keyof Meta>(
  meta: MetaStore,
  key: K,
): Promise<Meta[K] | undefined> {
  return (await meta.get(key)) as Meta[K] | undefined;
}

export async function eraseDatabase(account: string): Promise<void> {
  await deleteDB(nameOf(account));
}

function nameOf(account: string): string {
  return `snug-${account}`;
}
