/** How much of each picture has travelled. */
import { useSyncExternalStore } from "react";
import { onCoreEvent } from "./core";

let transfers: ReadonlyMap<string, number> = new Map();
const listeners = new Set<() => void>();

/** Up to 1; `null` while nothing of it travels. `file` is what `fileKey` says. */
export function useTransfer(file: string): number | null {
  return useSyncExternalStore(subscribe, () => transfers.get(file) ?? null);
}

onCoreEvent((event) => {
  if (event.type !== "transfer") return;
  const next = new Map(transfers);
  if (event.done === null) next.delete(event.file);
  else next.set(event.file, event.done);
  transfers = next;
  for (const listener of listeners) listener();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
