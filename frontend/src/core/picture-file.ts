/** What pictures and files are called between the page, the worker and the records. */
import type { Entry, PictureKind } from "./engine.gen";

/** Where the ciphertext of a message's file is kept, for this message alone: as the engine names it. */
export function fileKey({ key, id, mine }: Pick<Entry, "key" | "id" | "mine">): string {
  return mine ? ownFileKey(id) : `files/${key}`;
}

/** The same for a message of mine, before there is one. */
export function ownFileKey(id: string): string {
  return `files/own/${id}`;
}

export const mediaTypes: Record<PictureKind, string> = {
  jpeg: "image/jpeg",
  png: "image/png",
  gif: "image/gif",
  webp: "image/webp",
};

/** A picture that is ready to be sent: without metadata, as the browser drew it. */
export interface PreparedPicture {
  file: Blob;
  width: number;
  height: number;
  /** A very small picture that stands in for it; empty where none could be made. */
  preview: Uint8Array;
}

/**
 * Why a file is not sent: more bytes than can be sent, a picture that no browser can draw, nothing
 * that can be read (a folder, or a file that went away), or no room here to keep it.
 */
export type PrepareFault = "too_large" | "no_picture" | "unreadable" | "no_room";

/** Why a picture or file is not handed out. `offline` is worth another try. */
export type OpenFault = "gone" | "offline" | "damaged" | "stopped";

/** `picture` is `null` for a file of another kind, which is sent as it is. */
export type Prepared =
  { ok: true; picture: PreparedPicture | null } | { ok: false; fault: PrepareFault };
export type Opened = { ok: true; file: Blob } | { ok: false; fault: OpenFault };
