/** Whose changed keys a conversation waits for. */
import type { Conversation, KeyChange, PersonTrust } from "@/core/engine.gen";

export interface PendingChange {
  user_id: string;
  /** `null` while the engine has not told which key is claimed. */
  change: KeyChange | null;
}

type Held = Pick<Conversation, "waiting" | "waiting_for" | "peer">;

/**
 * Whom to ask about, the weightiest first: people one had verified, then those not answered yet.
 * Empty when the conversation waits for nobody's keys.
 */
export function pendingChanges(
  conversation: Held | null,
  people: ReadonlyMap<string, PersonTrust>,
): PendingChange[] {
  if (conversation?.waiting !== "key_change") return [];
  const { waiting_for, peer } = conversation;
  const named = waiting_for.length === 0 && peer !== null ? [peer] : waiting_for;
  return named
    .map((user_id) => ({ user_id, change: people.get(user_id)?.change ?? null }))
    .toSorted((a, b) => weight(b.change) - weight(a.change));
}

/**
 * Whether nothing may even be written: somebody whom one had verified has other keys. The changed
 * keys of others only hold back what is sent.
 */
export function closesComposer(pending: readonly PendingChange[]): boolean {
  return pending.some(({ change }) => change?.was_verified);
}

function weight(change: KeyChange | null): number {
  return (change?.was_verified ? 2 : 0) + (change && !change.declined ? 1 : 0);
}
