/** The list of conversations: everybody one can write to, the latest first. */
import type { Conversation } from "@/core/engine.gen";
import { displayName } from "@/features/people/names";
import { fold } from "@/lib/fold";
import type { Contact } from "@/protocol.gen";

export interface Row {
  id: string;
  name: string;
  picture: string | null;
  online: boolean;
  /** How many are in it, for a group. */
  members: number | null;
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
  /** What a group is called whose name is not known yet. */
  unnamed: string,
): Row[] {
  const rows = contacts.map((contact): Row => {
    const conversation = conversations.get(contact.user_id) ?? null;
    return {
      id: contact.user_id,
      name: displayName(contact),
      picture: contact.avatar,
      online: contact.online,
      members: null,
      conversation,
      time: conversation?.last?.sent_at ?? Date.parse(contact.added_at),
    };
  });
  const listed = new Set(rows.map(({ id }) => id));
  for (const conversation of conversations.values()) {
    if (conversation.kind === "group") {
      if (!isForgotten(conversation)) rows.push(groupRow(conversation, unnamed));
      continue;
    }
    const name = conversation.peer && names[conversation.peer];
    if (!conversation.last || !name || listed.has(conversation.id)) continue;
    const { id, last } = conversation;
    const time = last.sent_at;
    rows.push({ id, name, picture: null, online: false, members: null, conversation, time });
  }
  return rows.toSorted((a, b) => b.time - a.time);
}

/** A group that one is not in any more, and whose history was taken off this browser. */
function isForgotten({ fault, last }: Conversation): boolean {
  return fault !== null && fault !== "broken" && last === null;
}

function groupRow(conversation: Conversation, unnamed: string): Row {
  const { id, name, last, members } = conversation;
  return {
    id,
    name: name ?? unnamed,
    picture: null,
    online: false,
    members: members.length,
    conversation,
    time: last?.sent_at ?? Number.MAX_SAFE_INTEGER,
  };
}

/** Rows whose name holds every word of the search, accents and case aside. */
export function filterRows(rows: readonly Row[], text: string): Row[] {
  const words = fold(text).split(/\s+/).filter(Boolean);
  return rows.filter(({ name }) => words.every((word) => fold(name).includes(word)));
}
