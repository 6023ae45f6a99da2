/**
 * Search over the history of one account. The index lives in memory once it is asked for, and in
 * one sealed record. Beside it stands an empty record for each line that changed since that was
 * written, made in the same transaction as the change: nothing is missed, whenever the tab ends.
 */
import type { Entry } from "../../engine.gen";
import type { SearchHit, SearchPage, SearchRange } from "../../messages";
import type { Change, Store, StoredRecord } from "../store";
import { isErased, textOf } from "./entry-text";
import { Lines } from "./lines";
import { snippetOf } from "./snippet";

/** Goes up whenever words are cut or stored in another way: older indexes are made anew. */
const VERSION = 1;
const INDEX = `search/index/${VERSION}`;
const CHANGED = "search/changed/";
/** Among the changes some took words away. */
const ERASED = "search/erased";
const HISTORY = "history/";
/** Entries that are read at once while the index is made. */
const PAGE = 500;
/** So many changes are worth a new record, or a twentieth of the history. */
const MANY = 500;
/** Words that are gone leave the record within this many milliseconds. */
const SOON = 5_000;

const bytes = new TextEncoder();
const text = new TextDecoder();

export class Search {
  readonly #store: Store;
  /** Whether the record stands, so that changes have to be noted beside it. */
  #stands: boolean;
  /** How many changes are noted. */
  #noted: number;
  #lines: Promise<Lines> | null = null;
  /** Lines that changed while the index was being read or made; `null` for those that went. */
  #meanwhile: Map<string, Entry | null> | null = null;
  #ready: Lines | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing = false;
  /** Something happened meanwhile that has to be written as well. */
  #again = false;
  #stopped = false;

  readonly #soon: number;

  private constructor(store: Store, soon: number, stands: boolean, noted: number) {
    this.#store = store;
    this.#soon = soon;
    this.#stands = stands;
    this.#noted = noted;
  }

  /** Follows the store from here on. */
  static async open(store: Store, soon = SOON): Promise<Search> {
    const keys = await store.keys("search/");
    const stands = keys.includes(INDEX);
    const noted = keys.filter((key) => key.startsWith(CHANGED)).length;
    const search = new Search(store, soon, stands, stands ? noted : 0);
    store.follow({
      besides: (change) => search.#notes(change),
      written: (change) => search.#follow(change),
    });
    // Of another version, or notes without an index.
    const stale = keys.filter(
      (key) => !stands || !(key === INDEX || key === ERASED || key.startsWith(CHANGED)),
    );
    if (stale.length > 0) await store.commit([], stale);
    if (stands && keys.includes(ERASED)) search.#writeIn(soon);
    return search;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** Lines that hold the query's words, the newest first. A blank query only makes ready. */
  async find(query: string, { conversation, limit, offset }: SearchRange): Promise<SearchPage> {
    const lines = await this.#open();
    const found = lines.find(query, conversation);
    const hits = await Promise.all(
      found.slice(offset, offset + limit).map(async ({ id, terms }) => {
        const entry = await this.#entry(id);
        return entry && hitOf(id, entry, new Set(terms));
      }),
    );
    return { hits: hits.filter((hit) => hit !== null), total: found.length };
  }

  #open(): Promise<Lines> {
    this.#lines ??= this.#load().catch((fault: unknown) => {
      this.#lines = null;
      this.#meanwhile = null;
      throw fault;
    });
    return this.#lines;
  }

  async #load(): Promise<Lines> {
    const meanwhile = new Map<string, Entry | null>();
    this.#meanwhile = meanwhile;
    const kept = this.#stands ? await this.#read() : null;
    const lines = kept ?? (await this.#make());
    for (const [id, entry] of meanwhile) apply(lines, id, entry);
    this.#meanwhile = null;
    this.#ready = lines;
    if (!kept || this.#isDue(lines)) this.#writeIn(0);
    return lines;
  }

  /** The record with the changes since; `null` when it does not read. */
  async #read(): Promise<Lines | null> {
    try {
      const packed = await this.#store.read(INDEX);
      if (!packed) return null;
      const lines = await Lines.read(text.decode(packed));
      const notes = await this.#store.keys(CHANGED);
      for (const note of notes) {
        const id = note.slice(CHANGED.length);
        apply(lines, id, await this.#entry(id));
      }
      return lines;
    } catch {
      return null;
    }
  }

  /** From the history, page by page: the engine's turns come in between. */
  async #make(): Promise<Lines> {
    const lines = Lines.empty();
    let from: string | null = HISTORY;
    while (from !== null && !this.#stopped) {
      const { records, next } = await this.#store.from(HISTORY, from, PAGE);
      for (const { key, value } of records) {
        const entry = entryOf(value);
        if (entry) apply(lines, key.slice(HISTORY.length), entry);
      }
      from = next;
    }
    return lines;
  }

  async #entry(id: string): Promise<Entry | null> {
    const value = await this.#store.read(HISTORY + id).catch(() => null);
    return value && entryOf(value);
  }

  /** What to write along with a change of the history. */
  #notes(change: Change): StoredRecord[] {
    if (!this.#stands) return [];
    const value = new Uint8Array();
    const lines = [...change.puts.map(({ key }) => key), ...change.deletes].filter(isLine);
    const notes = lines.map((key) => ({ key: CHANGED + key.slice(HISTORY.length), value }));
    return erases(change) ? [...notes, { key: ERASED, value }] : notes;
  }

  #follow(change: Change): void {
    if (!this.#stands && !this.#ready && !this.#meanwhile) return;
    for (const { key, value } of change.puts) {
      if (isLine(key)) this.#take(key.slice(HISTORY.length), entryOf(value));
    }
    for (const key of change.deletes) {
      if (isLine(key)) this.#take(key.slice(HISTORY.length), null);
    }
    if (!this.#stands) return;
    if (erases(change)) this.#writeIn(this.#soon);
    else if (this.#isDue(this.#ready)) this.#writeIn(0);
  }

  #take(id: string, entry: Entry | null): void {
    if (this.#stands) this.#noted++;
    if (this.#ready) apply(this.#ready, id, entry);
    else this.#meanwhile?.set(id, entry);
  }

  #isDue(lines: Lines | null): boolean {
    return this.#noted > Math.max(MANY, (lines?.size ?? 0) / 20);
  }

  #writeIn(pause: number): void {
    this.#again ||= this.#writing;
    if (this.#stopped || this.#writing) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#write(), pause);
  }

  /** Writes the index as it is. What fails is tried again with the next change, or made anew. */
  async #write(): Promise<void> {
    this.#writing = true;
    try {
      const lines = await this.#open();
      await lines.clean();
      await this.#store.commitWhen(async () => {
        const packed = bytes.encode(lines.pack());
        const notes = await this.#store.keys(CHANGED);
        this.#stands = true;
        this.#noted = 0;
        return { puts: [{ key: INDEX, value: packed }], deletes: [...notes, ERASED] };
      });
    } catch {
      // Another tab writes, or there is no room: the notes stand, or there is no record at all.
      this.#stands &&= await this.#isThere();
    }
    this.#writing = false;
    if (this.#again) this.#writeIn(this.#soon);
    this.#again = false;
  }

  async #isThere(): Promise<boolean> {
    const keys = await this.#store.keys(INDEX).catch(() => []);
    return keys.length > 0;
  }
}

function apply(lines: Lines, id: string, entry: Entry | null): void {
  if (entry) lines.put({ id, text: textOf(entry), at: entry.sent_at });
  else lines.remove(id);
}

function hitOf(id: string, entry: Entry, terms: ReadonlySet<string>): SearchHit {
  const { key, position, sender, mine, sent_at } = entry;
  const conversation = id.slice(0, id.indexOf("/"));
  const snippet = snippetOf(textOf(entry), terms);
  return { conversation, key, position, sender, mine, sent_at, snippet };
}

function entryOf(value: Uint8Array): Entry | null {
  try {
    return JSON.parse(text.decode(value)) as Entry;
  } catch {
    return null;
  }
}

function isLine(key: string): boolean {
  return key.startsWith(HISTORY);
}

function erases({ puts, deletes }: Change): boolean {
  return (
    deletes.some((key) => isLine(key) && hasPlace(key)) ||
    puts.some(({ key, value }) => {
      const entry = isLine(key) ? entryOf(value) : null;
      return entry !== null && isErased(entry);
    })
  );
}

/** A message that was sent or received. Those on their way move when they are. */
function hasPlace(key: string): boolean {
  return /\/[0-9a-f]{24}$/.test(key);
}
