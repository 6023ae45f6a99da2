/** What was begun and not sent, by conversation: sealed like everything else. */
import { call } from "@/core/core";
import { useSyncExternalStore } from "react";
import * as z from "zod/mini";

const KEPT = "drafts";
const PAUSE = 400;
const schema = z.record(z.string(), z.string());

type Drafts = Readonly<Record<string, string>>;

let drafts: Drafts = {};
let timer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

export function useDrafts(): Drafts {
  return useSyncExternalStore(subscribe, () => drafts);
}

export function useDraft(id: string): string {
  return useSyncExternalStore(subscribe, () => drafts[id] ?? "");
}

/** Reads what is kept; once, when the account opens. */
export async function loadDrafts(): Promise<void> {
  const parsed = schema.safeParse(await call("recall", KEPT));
  drafts = parsed.success ? parsed.data : {};
  tell();
}

export function setDraft(id: string, text: string): void {
  const { [id]: _, ...others } = drafts;
  drafts = text.trim() ? { ...others, [id]: text } : others;
  tell();
  clearTimeout(timer);
  timer = setTimeout(saveDrafts, PAUSE);
}

/** Writes at once what waits to be written: the page goes away. */
export function saveDrafts(): void {
  if (timer === undefined) return;
  clearTimeout(timer);
  timer = undefined;
  void call("keep", KEPT, drafts);
}

export function forgetDrafts(): void {
  clearTimeout(timer);
  timer = undefined;
  drafts = {};
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
