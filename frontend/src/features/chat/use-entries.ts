import { call } from "@/core/core";
import type { Entry } from "@/core/engine.gen";
import type { HistoryPage, HistoryRange } from "@/core/messages";
import { type EntryChange, onEntries } from "@/core/store";
import { useCallback, useEffect, useRef, useState } from "react";
import { append, emptyWindow, type EntryWindow, prepend, upsert, without } from "./entry-window";

const PAGE = 60;

interface Entries {
  entries: readonly Entry[];
  /** The first page is here. */
  loaded: boolean;
  /** Nothing older is left. */
  complete: boolean;
  /** There are newer ones that are not here: a far jump was made. */
  newer: boolean;
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
  const [window, setWindow] = useState<EntryWindow>(emptyWindow);
  const now = useRef(window);
  /** What was told while something is read: the records may have been read before it. */
  const told = useRef<EntryChange[] | null>(null);
  /** Counts what replaced the window: what was read for an older one is dropped. */
  const turn = useRef(0);

  const change = useCallback((next: (before: EntryWindow) => EntryWindow) => {
    now.current = next(now.current);
    setWindow(now.current);
  }, []);

  /** Reads unless something is being read; `replaces` goes before that. */
  const read = useCallback(
    async (
      ranges: Omit<HistoryRange, "conversation" | "limit">[],
      take: (before: EntryWindow, pages: HistoryPage[]) => EntryWindow,
      replaces = false,
    ): Promise<boolean> => {
      if (told.current && !replaces) return false;
      if (replaces) turn.current += 1;
      const mine = turn.current;
      const changes: EntryChange[] = [];
      told.current = changes;
      const reads = ranges.map((range) =>
        call("history", { ...range, conversation: id, limit: PAGE }),
      );
      const pages = await Promise.all(reads).finally(() => {
        if (told.current === changes) told.current = null;
      });
      if (mine !== turn.current) return false;
      change((before) => changes.reduce(changed, take(before, pages)));
      return true;
    },
    [change, id],
  );

  useEffect(() => {
    const stop = onEntries(id, (it) => {
      told.current?.push(it);
      change((before) => changed(before, it));
    });
    void read([{}], (before, [page]) => prepend(before, page!.entries, page!.more), true);
    return () => {
      turn.current += 1;
      stop();
    };
  }, [id, change, read]);

  const loadOlder = useCallback(() => {
    const { loaded, more, entries } = now.current;
    const before = entries[0]?.position;
    if (!loaded || !more || before === undefined) return;
    void read([{ before }], (window, [page]) => prepend(window, page!.entries, page!.more));
  }, [read]);

  const loadNewer = useCallback(() => {
    const { newer, entries } = now.current;
    const from = entries.at(-1)?.position;
    if (!newer || from === undefined) return;
    void read([{ from }], (window, [page]) => append(window, page!.entries, page!.more));
  }, [read]);

  const goTo = useCallback(
    async (position: string) => {
      const standing = () => now.current.entries.find((entry) => entry.position === position);
      if (!standing()) {
        await read(
          [{ before: position }, { from: position }],
          (before, [older, newer]) => {
            // Where nothing stands any more, what is shown stays.
            if (newer!.entries[0]?.position !== position) return before;
            const around = prepend(emptyWindow, newer!.entries, true);
            return append(prepend(around, older!.entries, older!.more), [], newer!.more);
          },
          true,
        );
      }
      return standing() ?? null;
    },
    [read],
  );

  const goToEnd = useCallback(async () => {
    if (!now.current.newer) return;
    await read([{}], (_, [page]) => prepend(emptyWindow, page!.entries, page!.more), true);
  }, [read]);

  const { entries, loaded, more, newer } = window;
  return {
    entries,
    loaded,
    complete: loaded && !more,
    newer,
    loadOlder,
    loadNewer,
    goTo,
    goToEnd,
  };
}

function changed(window: EntryWindow, change: EntryChange): EntryWindow {
  return "entry" in change ? upsert(window, change.entry) : without(window, change.removed);
}
