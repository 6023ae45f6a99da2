/** Sealing records anew, under another key, a few at a time. */
import type { Database } from "../database";
import { seal, unsealBy } from "../seal";

/** So many at once, or so many bytes: commits wait for one such piece. */
const RECORDS = 100;
const BYTES = 4 * 1024 * 1024;

export interface Renewed {
  /** To be put in place of those that stand. */
  records: [string, Uint8Array<ArrayBuffer>][];
  /** How many were looked at. */
  seen: number;
  /** The last of them; `null`: there are no more. */
  last: string | null;
}

/**
 * The records behind a path that are not under the first of the keys, under it. What opens with none
 * of them stays as it is.
 */
export async function renewSome(
  db: Database,
  behind: string,
  keys: readonly CryptoKey[],
): Promise<Renewed> {
  const [current, ...before] = keys;
  if (!current) throw new Error("there is no key");
  const found: [string, Uint8Array<ArrayBuffer>][] = [];
  let bytes = 0;
  const range = IDBKeyRange.lowerBound(behind, true);
  let cursor = await db.transaction("records").store.openCursor(range);
  while (cursor && found.length < RECORDS && bytes < BYTES) {
    found.push([cursor.key, cursor.value]);
    bytes += cursor.value.byteLength;
    cursor = await cursor.continue();
  }
  const renewed = await Promise.all(
    found.map(async ([key, value]): Promise<Renewed["records"]> => {
      const isDone = await unsealBy([current], key, value).then(
        () => true,
        () => false,
      );
      if (isDone) return [];
      const opened = await unsealBy(before, key, value).catch(() => null);
      return opened ? [[key, await seal(current, key, opened)]] : [];
    }),
  );
  const last = cursor ? (found.at(-1)?.[0] ?? null) : null;
  return { records: renewed.flat(), seen: found.length, last };
}
