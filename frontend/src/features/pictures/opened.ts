/** Pictures that are open in this page: one URL each, released when nobody looks any more. */
import { call } from "@/core/core";
import type { Body } from "@/core/engine.gen";
import { fileKey, type OpenFault } from "@/core/picture-file";

export type PictureBody = Body & { type: "picture" };

export type Shown =
  | { state: "loading" }
  | { state: "here"; url: string; file: Blob }
  | { state: "fault"; fault: OpenFault };

interface Opened {
  shown: Shown;
  /** How many look at it. */
  users: number;
  listeners: Set<() => void>;
}

/** What nobody looks at stays open up to so many bytes in all: scrolling back is quick. */
const SPARE = 32_000_000;

const loading: Shown = { state: "loading" };
/** The one used last stands last. */
const all = new Map<string, Opened>();

/** Begins to look at a picture: opens it unless it is open. */
export function look(body: PictureBody, listener: () => void): () => void {
  const key = fileKey(body.picture);
  const opened = all.get(key) ?? { shown: loading, users: 0, listeners: new Set() };
  const begins = !all.has(key);
  all.delete(key);
  all.set(key, opened);
  opened.users += 1;
  opened.listeners.add(listener);
  if (begins) void open(key, body);
  return () => {
    opened.users -= 1;
    opened.listeners.delete(listener);
    release();
  };
}

export function shownOf(body: PictureBody): Shown {
  return all.get(fileKey(body.picture))?.shown ?? loading;
}

/** After a fault. */
export function tryAgain(body: PictureBody): void {
  const key = fileKey(body.picture);
  show(key, loading);
  void open(key, body);
}

/** Another account: nothing of the one before stays open. */
export function forgetOpened(): void {
  for (const [key, { shown }] of all) {
    if (shown.state === "here") URL.revokeObjectURL(shown.url);
    all.delete(key);
  }
}

async function open(key: string, { attachment_id, picture }: PictureBody): Promise<void> {
  const opened = await call("openPicture", attachment_id, picture);
  if (!all.has(key)) return;
  if (!opened.ok) return show(key, { state: "fault", fault: opened.fault });
  const { file } = opened;
  show(key, { state: "here", url: URL.createObjectURL(file), file });
  release();
}

function show(key: string, shown: Shown): void {
  const opened = all.get(key);
  if (!opened) return;
  opened.shown = shown;
  for (const listener of opened.listeners) listener();
}

/** Closes what was not looked at for longest. */
function release(): void {
  let spare = 0;
  for (const [key, { shown, users }] of [...all].toReversed()) {
    if (users > 0) continue;
    if (shown.state === "loading") continue;
    spare += shown.state === "here" ? shown.file.size : 0;
    if (shown.state === "here" && spare <= SPARE) continue;
    if (shown.state === "here") URL.revokeObjectURL(shown.url);
    all.delete(key);
  }
}
