/** A stretch of a conversation's entries, rising by position: its end, or what lies around an entry. */
import type { Entry } from "@/core/engine.gen";

export interface EntryWindow {
  entries: readonly Entry[];
  loaded: boolean;
  /** There are older ones in the records. */
  more: boolean;
  /** There are newer ones in the records: it is not the end. */
  newer: boolean;
}

export const emptyWindow: EntryWindow = { entries: [], loaded: false, more: true, newer: false };

/** An entry as it is now. One that lies outside of the window is found there when it is read. */
export function upsert(window: EntryWindow, entry: Entry): EntryWindow {
  const others = window.entries.filter(({ key }) => key !== entry.key);
  const known = others.length < window.entries.length;
  if (!known && isOutside(window, entry)) return window;
  let place = others.length;
  while (place > 0 && others[place - 1]!.position > entry.position) place--;
  return { ...window, entries: others.toSpliced(place, 0, entry) };
}

export function without(window: EntryWindow, key: string): EntryWindow {
  return { ...window, entries: window.entries.filter((entry) => entry.key !== key) };
}

/** Older entries as they were read. What was told meanwhile is newer and stays. */
export function prepend(window: EntryWindow, older: readonly Entry[], more: boolean): EntryWindow {
  return { ...window, entries: merged(window, older), loaded: true, more };
}

/** Newer entries as they were read, likewise. */
export function append(window: EntryWindow, newer: readonly Entry[], more: boolean): EntryWindow {
  return { ...window, entries: merged(window, newer), newer: more };
}

function merged(window: EntryWindow, read: readonly Entry[]): Entry[] {
  const told = new Set(window.entries.map(({ key }) => key));
  return [...read.filter(({ key }) => !told.has(key)), ...window.entries].toSorted((a, b) =>
    a.position < b.position ? -1 : a.position > b.position ? 1 : 0,
  );
}

function isOutside({ entries, loaded, more, newer }: EntryWindow, { position }: Entry): boolean {
  const [first, last] = [entries[0], entries.at(-1)];
  if (!loaded || !first || !last) return false;
  return (more && position < first.position) || (newer && position > last.position);
}
