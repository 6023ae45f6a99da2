/**
 * Pictures that are open in this page: one URL for each message, released when nobody looks any
 * more, or when the message is gone.
 */
import { call, onCoreEvent } from "@/core/core";
import type { Body, Entry } from "@/core/engine.gen";
import { fileKey, type OpenFault } from "@/core/picture-file";

export type PictureBody = Body & { type: "picture" };

export type Shown =
  | { state: "loading" }
  | { state: "here"; url: string; file: Blob }
  | { state: "fault"; fault: OpenFault };

/** Who tells of the picture: what one message's key opened is shown for no other. */
type Teller = Pick<Entry, "key" | "id" | "mine">;

interface Opened {
  shown: Shown;
  /** Its message is gone: it is not opened again. */
  over: boolean;
  /** It may stay open when nobody looks. */
  stays: boolean;
  /** How many look at it. */
  users: number;
  listeners: Set<() => void>;
}

/** What nobody looks at stays open up to so many bytes in all: scrolling back is quick. */
const SPARE = 32_000_000;

const loading: Shown = { state: "loading" };
/** By the entry's key; the one used last stands last. */
const all = new Map<string, Opened>();

/** Begins to look at a picture: opens it unless it is open. */
export function look(entry: Teller, body: PictureBody, listener: () => void): () => void {
  const { key } = entry;
  const opened = all.get(key) ?? blank();
  const begins = !all.has(key);
  all.delete(key);
  all.set(key, opened);
  opened.users += 1;
  opened.listeners.add(listener);
  if (begins) void open(entry, body);
  return () => {
    opened.users -= 1;
    opened.listeners.delete(listener);
    release();
  };
}

export function shownOf({ key }: Teller): Shown {
  return all.get(key)?.shown ?? loading;
}

/** After a fault. */
export function tryAgain(entry: Teller, body: PictureBody): void {
  const opened = all.get(entry.key);
  if (!opened || opened.over) return;
  show(opened, loading);
  void open(entry, body);
}

/** A conversation was erased: nothing stays open longer than somebody looks at it. */
export function closeUnseen(): void {
  for (const opened of all.values()) opened.stays = false;
  release();
}

/** Another account: nothing of the one before stays open. */
export function forgetOpened(): void {
  for (const [key, { shown }] of all) {
    if (shown.state === "here") URL.revokeObjectURL(shown.url);
    all.delete(key);
  }
}

onCoreEvent((event) => {
  if (event.type !== "notices") return;
  for (const notice of event.notices) {
    if (notice.type === "removed") close(notice.key);
    else if (notice.type === "message" && notice.entry.body.type !== "picture") {
      close(notice.entry.key);
    }
  }
});

/** Its message was deleted, or went away. */
function close(key: string): void {
  const opened = all.get(key);
  if (!opened) return;
  if (opened.shown.state === "here") URL.revokeObjectURL(opened.shown.url);
  opened.over = true;
  if (opened.users === 0) all.delete(key);
  show(opened, { state: "fault", fault: "gone" });
}

async function open(entry: Teller, { attachment_id, picture }: PictureBody): Promise<void> {
  const opened = all.get(entry.key);
  const answer = await call("openPicture", fileKey(entry), attachment_id, picture);
  if (!opened || opened.over || all.get(entry.key) !== opened) return;
  if (answer.ok) {
    const { file } = answer;
    show(opened, { state: "here", url: URL.createObjectURL(file), file });
  } else {
    show(opened, { state: "fault", fault: answer.fault });
  }
  release();
}

function blank(): Opened {
  return { shown: loading, over: false, stays: true, users: 0, listeners: new Set() };
}

function show(opened: Opened, shown: Shown): void {
  opened.shown = shown;
  for (const listener of opened.listeners) listener();
}

/** Closes what was not looked at for longest. */
function release(): void {
  let spare = 0;
  for (const [key, { shown, stays, users }] of [...all].toReversed()) {
    if (users > 0) continue;
    if (shown.state === "loading") continue;
    spare += shown.state === "here" ? shown.file.size : 0;
    if (shown.state === "here" && stays && spare <= SPARE) continue;
    if (shown.state === "here") URL.revokeObjectURL(shown.url);
    all.delete(key);
  }
}
