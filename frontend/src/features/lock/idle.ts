/** Notices when nobody touches the page any more. */

const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel"] as const;
/** Milliseconds between two looks at the clock. */
const LOOK = 5_000;

/**
 * Calls `idle` once nothing was touched for so many milliseconds, also when the computer slept
 * meanwhile: then before the first touch counts. Returns how to stop.
 */
export function watchIdle(page: EventTarget, limit: number, idle: () => void): () => void {
  let last = Date.now();
  const look = () => {
    if (Date.now() - last < limit) return true;
    stop();
    idle();
    return false;
  };
  const touched = () => {
    if (look()) last = Date.now();
  };
  const timer = setInterval(look, Math.min(LOOK, limit));
  for (const sign of SIGNS) page.addEventListener(sign, touched, { capture: true, passive: true });
  const stop = () => {
    clearInterval(timer);
    for (const sign of SIGNS) page.removeEventListener(sign, touched, { capture: true });
  };
  return stop;
}
