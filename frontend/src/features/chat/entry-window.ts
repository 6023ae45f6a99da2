/** A stretch of a conversation's entries, the newest included, rising by position. */
import type { Entry } from "@/core/engine.gen";

export interface EntryWindow {
  entries: readonly Entry[];
  loaded: boolean;
  /** There are older ones in the records. */
  more: boolean;
}

export const emptyWindow: EntryWindow = { entries: [], loaded: false, more: true };

/** An entry as it is now. One that lies before the window is found there when it is read. */
export function upsert(window: EntryWindow, entry: Entry): EntryWindow {
  const others = window.entries.filter(({ key }) => key !== entry.key);
  const first = others[0];
  const known = others.length < window.entries.length;
  if (!known && window.loaded && window.more && first && entry.position < first.position) {
    return window;
  }
  let place = others.length;
  while (place > 0 && others[place - 1]!.position > entry.position) place--;
  return { ...window, entries: others.toSpliced(place, 0, entry) };
}

export function without(window: EntryWindow, key: string): EntryWindow {
  return { ...window, entries: window.entries.filter((entry) => entry.key !== key) };
}

/** Older entries as they were read. What was told meanwhile is newer and stays. */
export function prepend(window: EntryWindow, older: readonly Entry[], more: boolean): EntryWindow {
  const told = new Set(window.entries.map(({ key }) => key));
  const entries = [...older.filter(({ key }) => !told.has(key)), ...window.entries].toSorted(
    (a, b) => (a.position < b.position ? -1 : a.position > b.position ? 1 : 0),
  );
  return { entries, loaded: true, more };
}
