/** Pictures and files that were chosen and not sent yet, by conversation; gone when the page is. */
import { useSyncExternalStore } from "react";
import { call } from "@/core/core";
import type { PrepareFault, PreparedPicture } from "@/core/picture-file";

/** Most files that wait to be sent in a conversation. */
export const MOST_CHOSEN = 10;

/** What can be sent. */
export type Ready =
  { kind: "picture"; picture: PreparedPicture; url: string } | { kind: "file"; file: File };

export interface Chosen {
  id: number;
  name: string;
  size: number;
  /** `null` while it is prepared. */
  ready: Ready | null;
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

/** Prepares files one after the other; what cannot be sent is told of. */
export async function choose(conversation: string, files: readonly File[]): Promise<void> {
  change(conversation, (tray) => ({ ...tray, fault: null }));
  for (const file of files) {
    if (trayOf(conversation).chosen.length >= MOST_CHOSEN) {
      refuse(conversation, { name: file.name, fault: "too_many" });
      return;
    }
    const id = nextId++;
    const { name, size } = file;
    const one = { id, name, size, ready: null };
    change(conversation, (tray) => ({ ...tray, chosen: [...tray.chosen, one] }));
    const prepared = await call("prepareFile", file).catch(() => null);
    if (!prepared?.ok) {
      drop(conversation, id);
      refuse(conversation, { name, fault: prepared?.fault ?? "unreadable" });
      continue;
    }
    const ready = readyOf(file, prepared.picture);
    const stands = trayOf(conversation).chosen.some((it) => it.id === id);
    if (!stands) release(ready);
    change(conversation, (tray) => ({
      ...tray,
      chosen: tray.chosen.map((it) => (it.id === id ? { ...it, ready } : it)),
    }));
  }
}

export function drop(conversation: string, id: number): void {
  change(conversation, (tray) => {
    const gone = tray.chosen.find((one) => one.id === id);
    if (gone?.ready) release(gone.ready);
    return { ...tray, chosen: tray.chosen.filter((one) => one.id !== id) };
  });
}

/** Takes all that are ready out of the tray. */
export function takeChosen(conversation: string): Ready[] {
  const { chosen } = trayOf(conversation);
  const ready = chosen.flatMap((one) => one.ready ?? []);
  for (const one of ready) release(one);
  trays.set(conversation, { chosen: chosen.filter((one) => !one.ready), fault: null });
  tell();
  return ready;
}

export function forgetChosen(): void {
  for (const { chosen } of trays.values()) {
    for (const { ready } of chosen) if (ready) release(ready);
  }
  trays.clear();
  tell();
}

/** Says what is not sent, and why. */
export function refuse(conversation: string, fault: NotChosen): void {
  change(conversation, (tray) => ({ ...tray, fault }));
}

function readyOf(file: File, picture: PreparedPicture | null): Ready {
  if (!picture) return { kind: "file", file };
  return { kind: "picture", picture, url: URL.createObjectURL(picture.file) };
}

/** Lets go of what it is shown with; it can still be sent. */
function release(ready: Ready): void {
  if (ready.kind === "picture") URL.revokeObjectURL(ready.url);
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
