import { call } from "@/core/core";
import type { Entry } from "@/core/engine.gen";
import { onEntries } from "@/core/store";
import { useCallback, useEffect, useRef, useState } from "react";
import { emptyWindow, type EntryWindow, prepend, upsert, without } from "./entry-window";

const PAGE = 60;

/**
 * The newest entries of a conversation, kept up to date; older ones on demand. For one
 * conversation only: give the component that calls it a key.
 */
export function useEntries(id: string): {
  entries: readonly Entry[];
  /** The first page is here. */
  loaded: boolean;
  /** Nothing older is left. */
  complete: boolean;
  loadOlder: () => void;
} {
  const [window, setWindow] = useState<EntryWindow>(emptyWindow);
  const busy = useRef(true);

  useEffect(() => {
    let gone = false;
    busy.current = true;
    const stop = onEntries(id, (change) =>
      setWindow((before) =>
        "entry" in change ? upsert(before, change.entry) : without(before, change.removed),
      ),
    );
    void call("history", { conversation: id, limit: PAGE }).then((page) => {
      busy.current = false;
      if (!gone) setWindow((before) => prepend(before, page.entries, page.more));
    });
    return () => {
      gone = true;
      stop();
    };
  }, [id]);

  const oldest = window.entries[0]?.position;
  const { loaded, more } = window;
  const loadOlder = useCallback(() => {
    if (busy.current || !loaded || !more || oldest === undefined) return;
    busy.current = true;
    void call("history", { conversation: id, before: oldest, limit: PAGE }).then((page) => {
      busy.current = false;
      setWindow((before) =>
        before.entries[0]?.position === oldest ? prepend(before, page.entries, page.more) : before,
      );
    });
  }, [id, loaded, more, oldest]);

  return { entries: window.entries, loaded, complete: loaded && !more, loadOlder };
}
