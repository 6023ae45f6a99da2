/** Whose place a new device may take: those that were not used for longest come first. */
import type { OwnDevice } from "@/core/engine.gen";

export function longestUnused(devices: readonly OwnDevice[]): OwnDevice[] {
  return devices.toSorted((a, b) => usedAt(a) - usedAt(b));
}

/** In milliseconds since 1970; one that was never connected was used when it was added. */
export function usedAt({ last_seen, created_at }: OwnDevice): number {
  return Date.parse(last_seen ?? created_at);
}
