/** What is to open without a network as well: it is fetched while there is one. */
import type { AnyRouter } from "@tanstack/react-router";

/** What is on the screen comes first, in milliseconds. */
const LATER = 1_000;

interface Later {
  preload?: () => Promise<void> | undefined;
}

/** Fetches what other pages are made of, one after the other. Returns how to put an end to it. */
export function fetchAhead(router: AnyRouter): () => void {
  let ended = false;
  const timer = setTimeout(() => void all(), LATER);
  async function all(): Promise<void> {
    for (const route of Object.values(router.routesById)) {
      if (ended) return;
      // What does not arrive is asked for again when it is opened.
      await (route.options.component as Later | undefined)?.preload?.();
    }
    await Promise.allSettled([
      import("@/features/lock/lock-page"),
      import("@/features/trust/safety-dialog"),
    ]);
  }
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
