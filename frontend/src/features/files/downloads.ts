/** Files that are being fetched because somebody wants to have them. */
import { call } from "@/core/core";
import type { Body, Entry } from "@/core/engine.gen";
import { fileKey, type OpenFault } from "@/core/picture-file";
import { download } from "@/lib/download";
import { useSyncExternalStore } from "react";
import { safeName } from "./safe-name";

export type FileBody = Body & { type: "file" };

export type Download =
  | { state: "idle" }
  | { state: "loading" }
  | { state: "fault"; fault: Exclude<OpenFault, "stopped"> };

/** Who tells of the file: what becomes of it for one message is nothing to another. */
type Teller = Pick<Entry, "key" | "id" | "mine">;

const idle: Download = { state: "idle" };
/** By the entry's key. */
const all = new Map<string, Download>();
const listeners = new Set<() => void>();

export function useDownload({ key }: Teller): Download {
  return useSyncExternalStore(subscribe, () => all.get(key) ?? idle);
}

/** Fetches a file and hands it to the person, to be saved: it is never opened here. */
export async function save(entry: Teller, { attachment_id, file }: FileBody): Promise<void> {
  const { key } = entry;
  if (all.get(key)?.state === "loading") return;
  show(key, { state: "loading" });
  const opened = await call("openFile", fileKey(entry), attachment_id, file);
  if (opened.ok) download(opened.file, safeName(file.name));
  const { fault } = opened.ok ? { fault: "stopped" as const } : opened;
  show(key, fault === "stopped" ? idle : { state: "fault", fault });
}

export function stop(entry: Teller): void {
  void call("stopOpening", fileKey(entry));
}

function show(key: string, download: Download): void {
  if (download.state === "idle") all.delete(key);
  else all.set(key, download);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}
