import { ask } from "@/core/ask";
import type { HistoryGap } from "@/core/engine.gen";
import { type OlderEntries, useCore } from "@/core/store";
import { useCallback, useRef, useState } from "react";

/** What stands above the oldest entry; `null`: nothing, more is read when one scrolls up. */
export type Above = "loading" | "start" | HistoryGap | null;

interface Older {
  above: Above;
  /** Fetches the next page, if there may be one and nothing stands against it. */
  load: () => void;
  /** Asks again after a failure. */
  retry: () => void;
}

/**
 * What lies before this browser's records, out of the archive, by pages. `complete`: all of the
 * records is shown. The entries themselves are told as any other.
 */
export function useOlder(id: string, complete: boolean): Older {
  const told = useCore((state) => state.older.get(id));
  const live = useCore((state) => state.phase?.type === "live");
  const known = useCore((state) => state.conversations.has(id));
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState(false);
  const busy = useRef(false);

  const fetch = useCallback(() => {
    if (busy.current) return;
    busy.current = true;
    setAsking(true);
    setFailed(false);
    ask({ type: "load_older", conversation: id }, (notice) =>
      notice.type === "history" && notice.conversation === id ? true : undefined,
    )
      .catch(() => setFailed(true))
      .finally(() => {
        busy.current = false;
        setAsking(false);
      });
  }, [id]);

  const wanted = complete && live && known && !failed && isOpen(told);
  const load = useCallback(() => {
    if (wanted) fetch();
  }, [wanted, fetch]);

  return { above: aboveOf({ complete, asking, failed, known, told }), load, retry: fetch };
}

/** There may be more, and asking for it has not failed. */
function isOpen(told: OlderEntries | undefined): boolean {
  return !told || (told.more && told.reason !== "unavailable");
}

interface Standing {
  complete: boolean;
  asking: boolean;
  failed: boolean;
  /** The engine has told of the conversation: one that is not begun has nothing before it. */
  known: boolean;
  told: OlderEntries | undefined;
}

export function aboveOf({ complete, asking, failed, known, told }: Standing): Above {
  if (!complete) return null;
  if (asking) return "loading";
  if (failed) return "unavailable";
  if (!known) return "start";
  if (!told) return null;
  if (told.reason === "unavailable") return "unavailable";
  return told.more ? null : (told.reason ?? "start");
}
