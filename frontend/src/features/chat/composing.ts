/** What the composer is about beside new words: an answer to a message, or other words for one. */
import type { Entry } from "@/core/engine.gen";
import type { EntryChange } from "@/core/store";
import { useSyncExternalStore } from "react";

export type Composing =
  | { kind: "reply"; entry: Entry }
  /** The draft stays as it is meanwhile. */
  | { kind: "edit"; entry: Entry; text: string };

const all = new Map<string, Composing>();
const listeners = new Set<() => void>();

export function useComposing(conversation: string): Composing | null {
  return useSyncExternalStore(subscribe, () => composingOf(conversation));
}

/** As it stands; components use `useComposing`. */
export const composingOf = (conversation: string): Composing | null =>
  all.get(conversation) ?? null;

export function startReply(conversation: string, entry: Entry): void {
  all.set(conversation, { kind: "reply", entry });
  tell();
}

/** Texts alone can be given other words. */
export function startEdit(conversation: string, entry: Entry): void {
  if (entry.body.type !== "text") return;
  all.set(conversation, { kind: "edit", entry, text: entry.body.text });
  tell();
}

export function setEditText(conversation: string, text: string): void {
  const composing = composingOf(conversation);
  if (composing?.kind !== "edit") return;
  all.set(conversation, { ...composing, text });
  tell();
}

export function endComposing(conversation: string): void {
  if (all.delete(conversation)) tell();
}

/** What became of an entry: what is gone can be neither answered nor changed. */
export function followEntry(conversation: string, change: EntryChange): void {
  const key = composingOf(conversation)?.entry.key;
  const gone =
    "removed" in change
      ? change.removed === key
      : change.entry.key === key && change.entry.body.type === "deleted";
  if (gone) endComposing(conversation);
}

/** Another account is opened. */
export function forgetComposing(): void {
  all.clear();
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
