/** What may be done with an entry. */
import type { Entry } from "@/core/engine.gen";

/** Milliseconds in which one's words can be changed: the engine refuses it later. */
export const EDIT_TIME = 24 * 3_600_000;

export interface Acts {
  reply: boolean;
  react: boolean;
  edit: boolean;
  /** The words to copy. */
  copy: string | null;
  /** From this device. */
  remove: boolean;
  /** From everybody's. */
  takeBack: boolean;
}

/** `closed`: nothing can be sent in the conversation. */
export function actsOf(entry: Entry, { closed, now }: { closed: boolean; now: number }): Acts {
  const { body, mine, state } = entry;
  const says = body.type === "text" || body.type === "picture" || body.type === "file";
  const sent = state === "sent";
  const answers = says && sent && !closed;
  return {
    reply: answers,
    react: answers,
    edit: isEditable(entry, now) && !closed,
    copy: wordsIn(entry),
    remove: sent && body.type !== "room",
    takeBack: answers && mine,
  };
}

export function isEditable({ body, mine, state, sent_at }: Entry, now: number): boolean {
  return mine && state === "sent" && body.type === "text" && now - sent_at < EDIT_TIME;
}

function wordsIn({ body }: Entry): string | null {
  if (body.type === "text") return body.text;
  const caption =
    body.type === "picture" ? body.picture.caption : body.type === "file" ? body.file.caption : "";
  return caption.trim() ? caption : null;
}
