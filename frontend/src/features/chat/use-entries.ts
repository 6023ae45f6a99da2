import { call } from "@/core/core";
import type { Entry } from "@/core/engine.gen";
import { onEntries } from "@/core/store";
import { useEffect, useState, useSyncExternalStore } from "react";
import { EntryReader } from "./entry-reader";

const PAGE = 60;

interface Entries {
  entries: readonly Entry[];
  /** The first page is here. */
  loaded: boolean;
  /** Nothing older is left. */
  complete: boolean;
  /** There are newer ones that are not here: a far jump was made. */
  newer: boolean;
  /** Where entries stand that do not open any more. */
  damaged: ReadonlySet<string>;
  loadOlder: () => void;
  loadNewer: () => void;
  /** Reads what lies around a position unless it is here; the entry that stands there, if one does. */
  goTo: (position: string) => Promise<Entry | null>;
  /** Back to the newest. */
  goToEnd: () => Promise<void>;
}

/**
 * A stretch of a conversation's entries, at first the newest, kept up to date; more on demand. For
 * one conversation only: give the component that calls it a key.
 */
export function useEntries(id: string): Entries {
  const [reader] = useState(
    () => new EntryReader((side) => call("history", { ...side, conversation: id, limit: PAGE })),
  );
  useEffect(() => {
    const stop = onEntries(id, (change) => reader.tell(change));
    void reader.start();
    return stop;
  }, [id, reader]);

  const { entries, loaded, more, newer } = useSyncExternalStore(reader.subscribe, reader.window);
  const damaged = useSyncExternalStore(reader.subscribe, reader.damaged);
  const { loadOlder, loadNewer, goTo, goToEnd } = reader;
  const complete = loaded && !more;
  return { entries, loaded, complete, newer, damaged, loadOlder, loadNewer, goTo, goToEnd };
}
