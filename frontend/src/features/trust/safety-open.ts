/** With whom the safety number is open: one screen for all places that lead to it. */
import { useSyncExternalStore } from "react";

let open: string | null = null;
const listeners = new Set<() => void>();

/** Shows the safety number that one has with a person. */
export function openSafety(userId: string): void {
  show(userId);
}

export function closeSafety(): void {
  show(null);
}

/** With whom it is open; `null` when it is not. */
export function useSafetyOpen(): string | null {
  return useSyncExternalStore(subscribe, () => open);
}

function show(next: string | null): void {
  open = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
