/** Files that are being fetched because somebody wants to have them. */
import { call } from "@/core/core";
import type { Body } from "@/core/engine.gen";
import { fileKey, type OpenFault } from "@/core/picture-file";
import { download } from "@/lib/download";
import { useSyncExternalStore } from "react";
import { safeName } from "./safe-name";

export type FileBody = Body & { type: "file" };

export type Download =
  | { state: "idle" }
  | { state: "loading" }
  | { state: "fault"; fault: Exclude<OpenFault, "stopped"> };

const idle: Download = { state: "idle" };
const all = new Map<string, Download>();
const listeners = new Set<() => void>();

export function useDownload({ file }: FileBody): Download {
  return useSyncExternalStore(subscribe, () => all.get(fileKey(file)) ?? idle);
}

/** Fetches a file and hands it to the person, to be saved: it is never opened here. */
export async function save({ attachment_id, file }: FileBody): Promise<void> {
  const key = fileKey(file);
  if (all.get(key)?.state === "loading") return;
  show(key, { state: "loading" });
  const opened = await call("openFile", attachment_id, file);
  if (opened.ok) download(opened.file, safeName(file.name));
  const { fault } = opened.ok ? { fault: "stopped" as const } : opened;
  show(key, fault === "stopped" ? idle : { state: "fault", fault });
}

export function stop({ file }: FileBody): void {
  void call("stopOpening", fileKey(file));
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
