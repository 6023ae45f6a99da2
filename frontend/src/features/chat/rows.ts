/** The list of conversations: everybody one can write to, the latest first. */
import type { Conversation } from "@/core/engine.gen";
import { displayName } from "@/features/people/names";
import type { Contact } from "@/protocol.gen";

export interface Row {
  id: string;
  name: string;
  picture: string | null;
  online: boolean;
  conversation: Conversation | null;
  /** What the list is sorted by. */
  time: number;
}

/** Names of people who are no contacts any more, but whose conversation is still here. */
export type Names = Readonly<Record<string, string>>;

export function rowsOf(
  contacts: readonly Contact[],
  conversations: ReadonlyMap<string, Conversation>,
  names: Names,
): Row[] {
  const rows = contacts.map((contact): Row => {
    const conversation = conversations.get(contact.user_id) ?? null;
    return {
      id: contact.user_id,
      name: displayName(contact),
      picture: contact.avatar,
      online: contact.online,
      conversation,
      time: conversation?.last?.sent_at ?? Date.parse(contact.added_at),
    };
  });
  const listed = new Set(rows.map(({ id }) => id));
  for (const conversation of conversations.values()) {
    const name = conversation.peer && names[conversation.peer];
    if (!conversation.last || !name || listed.has(conversation.id)) continue;
    const { id, last } = conversation;
    rows.push({ id, name, picture: null, online: false, conversation, time: last.sent_at });
  }
  return rows.toSorted((a, b) => b.time - a.time);
}

/** Rows whose name holds every word of the search, accents and case aside. */
export function filterRows(rows: readonly Row[], text: string): Row[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return rows.filter(({ name }) => words.every((word) => fold(name).includes(word)));
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
