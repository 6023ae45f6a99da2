/** Pictures that were chosen and not sent yet, by conversation; gone when the page is. */
import { useSyncExternalStore } from "react";
import { call } from "@/core/core";
import type { PrepareFault, PreparedPicture } from "@/core/picture-file";

/** Most pictures that wait to be sent in a conversation. */
export const MOST_CHOSEN = 10;

export interface Chosen {
  id: number;
  /** `null` while it is prepared. */
  ready: { picture: PreparedPicture; url: string } | null;
}

/** What was not taken, and why. */
export interface NotChosen {
  name: string;
  fault: PrepareFault | "too_many";
}

interface Tray {
  chosen: readonly Chosen[];
  fault: NotChosen | null;
}

const empty: Tray = { chosen: [], fault: null };
const trays = new Map<string, Tray>();
const listeners = new Set<() => void>();
let nextId = 1;

export function useTray(conversation: string): Tray {
  return useSyncExternalStore(subscribe, () => trayOf(conversation));
}

/** The tray as it stands; components use `useTray`. */
export const trayOf = (conversation: string): Tray => trays.get(conversation) ?? empty;

/** Prepares files one after the other; what is no picture is told of. */
export async function choose(conversation: string, files: readonly File[]): Promise<void> {
  change(conversation, (tray) => ({ ...tray, fault: null }));
  for (const file of files) {
    if ((trays.get(conversation)?.chosen.length ?? 0) >= MOST_CHOSEN) {
      refuse(conversation, { name: file.name, fault: "too_many" });
      return;
    }
    const id = nextId++;
    change(conversation, (tray) => ({ ...tray, chosen: [...tray.chosen, { id, ready: null }] }));
    const prepared = await call("preparePicture", file).catch(() => null);
    if (prepared?.ok) {
      const ready = {
        picture: prepared.picture,
        url: URL.createObjectURL(prepared.picture.file),
      };
      const stands = trays.get(conversation)?.chosen.some((one) => one.id === id);
      if (!stands) URL.revokeObjectURL(ready.url);
      change(conversation, (tray) => ({
        ...tray,
        chosen: tray.chosen.map((one) => (one.id === id ? { id, ready } : one)),
      }));
    } else {
      drop(conversation, id);
      refuse(conversation, { name: file.name, fault: prepared?.fault ?? "unreadable" });
    }
  }
}

export function drop(conversation: string, id: number): void {
  change(conversation, (tray) => {
    const gone = tray.chosen.find((one) => one.id === id);
    if (gone?.ready) URL.revokeObjectURL(gone.ready.url);
    return { ...tray, chosen: tray.chosen.filter((one) => one.id !== id) };
  });
}

/** Takes all that are ready out of the tray. */
export function takeChosen(conversation: string): PreparedPicture[] {
  const { chosen } = trays.get(conversation) ?? empty;
  const ready = chosen.flatMap((one) => one.ready ?? []);
  for (const { url } of ready) URL.revokeObjectURL(url);
  trays.set(conversation, { chosen: chosen.filter((one) => !one.ready), fault: null });
  tell();
  return ready.map(({ picture }) => picture);
}

export function forgetChosen(): void {
  for (const { chosen } of trays.values()) {
    for (const { ready } of chosen) if (ready) URL.revokeObjectURL(ready.url);
  }
  trays.clear();
  tell();
}

function refuse(conversation: string, fault: NotChosen): void {
  change(conversation, (tray) => ({ ...tray, fault }));
}

function change(conversation: string, next: (tray: Tray) => Tray): void {
  trays.set(conversation, next(trays.get(conversation) ?? empty));
  tell();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
