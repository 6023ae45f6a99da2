import { useSyncExternalStore } from "react";

/** Whole seconds until a moment (milliseconds since 1970), down to 0. */
export function useCountdown(until: number | null): number {
  return useSyncExternalStore(everyMoment, () => secondsUntil(until));
}

function everyMoment(listener: () => void): () => void {
  const timer = setInterval(listener, 250);
  return () => clearInterval(timer);
}

function secondsUntil(until: number | null): number {
  return until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000));
}
