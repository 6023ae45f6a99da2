/**
 * Files that an earlier version kept by the hash of their ciphertext alone: each message that names
 * one gets its own. Where there are none, which is always but once, nothing but their names is read.
 */
import type { Entry } from "../../engine.gen";
import { fileKey } from "../../picture-file";
import type { Store } from "../store";

const OLD = /^files\/[0-9a-f]{64}$/;
const HISTORY = "history/";
/** Entries that are read at once. */
const PAGE = 500;

const text = new TextDecoder();

/** Each file in a write of its own: what is cut off goes on with the next start. */
export async function moveFiles(store: Store): Promise<void> {
  const old = (await store.keys("files/")).filter((key) => OLD.test(key));
  if (old.length === 0) return;
  const { names, whole } = await namesOf(store);
  for (const key of old) {
    const to = names.get(key) ?? [];
    // One that is to be sent may be named by an entry that does not open.
    if (to.length === 0 && !whole) continue;
    const value = await store.read(key).catch(() => null);
    const puts = value ? to.map((name) => ({ key: name, value })) : [];
    // Without room for it, it waits for the next start.
    await store.commit(puts, [key]).catch(() => undefined);
  }
}

/** What the files were called until now, with what they are called now; whether every entry opened. */
async function namesOf(store: Store): Promise<{ names: Map<string, string[]>; whole: boolean }> {
  const names = new Map<string, string[]>();
  let whole = true;
  for (let from: string | null = HISTORY; from !== null;) {
    const page: Awaited<ReturnType<Store["from"]>> = await store.from(HISTORY, from, PAGE);
    whole &&= page.damaged.length === 0;
    for (const { value } of page.records) {
      const entry = entryOf(value);
      whole &&= entry !== null;
      const before = entry && oldKey(entry);
      if (!entry || before === null) continue;
      names.set(before, [...(names.get(before) ?? []), fileKey(entry)]);
    }
    from = page.next;
  }
  return { names, whole };
}

function entryOf(value: Uint8Array): Entry | null {
  try {
    return JSON.parse(text.decode(value)) as Entry;
  } catch {
    return null;
  }
}

function oldKey({ body }: Entry): string | null {
  if (body.type !== "picture" && body.type !== "file") return null;
  const { sha256 } = body.type === "picture" ? body.picture : body.file;
  const bytes = Uint8Array.from(atob(sha256), (letter) => letter.codePointAt(0) ?? 0);
  return `files/${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
