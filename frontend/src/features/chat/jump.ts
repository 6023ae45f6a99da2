/** Going to an entry of a conversation, from a quote or from what a search found. */
import type { ConversationId } from "@/core/engine.gen";
import { useSyncExternalStore } from "react";

export interface Jump {
  conversation: ConversationId;
  /** Where the entry stands. */
  position: string;
  /** Tells two jumps to the same entry apart. */
  number: number;
}

let wanted: Jump | null = null;
let number = 0;
const listeners = new Set<() => void>();

/**
 * Brings an entry into view and marks it for a moment, as soon as its conversation is open; who
 * calls it opens that. What lies around the entry is read if it is not here yet.
 */
export function jumpTo(conversation: ConversationId, position: string): void {
  number += 1;
  replace({ conversation, position, number });
}

/** What is wanted of the open conversation. */
export function useJump(conversation: ConversationId): Jump | null {
  return useSyncExternalStore(subscribe, () =>
    wanted?.conversation === conversation ? wanted : null,
  );
}

/** It was done, or cannot be done. */
export function endJump(jump: Jump): void {
  if (wanted?.number === jump.number) replace(null);
}

function replace(next: Jump | null): void {
  wanted = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
