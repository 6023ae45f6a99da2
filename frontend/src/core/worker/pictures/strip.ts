/**
 * Takes out of moving pictures what does not move: a canvas would keep one frame alone, so that
 * here the file is copied part by part, and only parts that draw something are copied.
 *
 * All of them throw a `RangeError` where a file breaks off.
 */
import type { PictureKind } from "../../engine.gen";
import { ascii, join, u32 } from "./bytes";

/** The file without metadata when it moves (or is a GIF); `null` when a canvas may redraw it. */
export function strippedIfMoving(
  kind: PictureKind,
  bytes: Uint8Array,
): Uint8Array<ArrayBuffer> | null {
  if (kind === "gif") return strippedGif(bytes);
  if (kind === "webp" && webpMoves(bytes)) return strippedWebp(bytes);
  if (kind === "png" && pngMoves(bytes)) return strippedPng(bytes);
  return null;
}

const EXTENSION = 0x21;
const FRAME = 0x2c;
const TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9;
const APPLICATION = 0xff;
/** How often to repeat. */
const LOOPS = new Set(["NETSCAPE2.0", "ANIMEXTS1.0"]);

/** Screen, colours, frames and how often they repeat: no comments, no XMP, nothing behind. */
export function strippedGif(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = [];
  let at = 13 + colours(byteAt(bytes, 10));
  kept.push(slice(bytes, 0, at));
  for (;;) {
    const start = at;
    const block = byteAt(bytes, at);
    if (block === TRAILER) break;
    if (block === FRAME) {
      // Its place, its colours, the code size, then the data.
      at += 10 + colours(byteAt(bytes, at + 9)) + 1;
      at = endOfBlocks(bytes, at);
      kept.push(slice(bytes, start, at));
    } else if (block === EXTENSION) {
      const label = byteAt(bytes, at + 1);
      at = endOfBlocks(bytes, at + 2);
      const loops = label === APPLICATION && LOOPS.has(ascii(bytes, start + 3, 11));
      if (label === GRAPHIC_CONTROL || loops) kept.push(slice(bytes, start, at));
    } else throw new RangeError("no GIF");
  }
  kept.push(Uint8Array.of(TRAILER));
  return join(kept);
}

/** The size of the colour table that a packed field tells of. */
function colours(packed: number): number {
  return packed & 0x80 ? 3 * 2 ** ((packed & 7) + 1) : 0;
}

function endOfBlocks(bytes: Uint8Array, from: number): number {
  let at = from;
  for (let size = byteAt(bytes, at); size > 0; size = byteAt(bytes, at)) at += size + 1;
  return at + 1;
}

const DRAWS_WEBP = new Set(["VP8X", "ANIM", "ANMF", "ALPH", "VP8 ", "VP8L"]);
/** Flags of VP8X: XMP, Exif and a colour profile follow. */
const TOLD = 0x04 | 0x08 | 0x20;
const MOVES = 0x02;

function webpMoves(bytes: Uint8Array): boolean {
  return ascii(bytes, 12, 4) === "VP8X" && (byteAt(bytes, 20) & MOVES) !== 0;
}

/** Frames and how they follow each other: no Exif, no XMP, no colour profile. */
export function strippedWebp(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const end = Math.min(8 + u32(bytes, 4, true), bytes.length);
  const kept = [];
  for (let at = 12; at < end;) {
    const size = u32(bytes, at + 4, true);
    const next = at + 8 + size + (size % 2);
    const name = ascii(bytes, at, 4);
    if (DRAWS_WEBP.has(name)) {
      const part = slice(bytes, at, Math.min(next, bytes.length)).slice();
      if (part.length < 8 + size) throw new RangeError("the file breaks off");
      if (name === "VP8X") part[8] = byteAt(part, 8) & ~TOLD;
      kept.push(part);
    }
    at = next;
  }
  const body = join(kept);
  const head = new Uint8Array(12);
  head.set(slice(bytes, 0, 12));
  new DataView(head.buffer).setUint32(4, 4 + body.length, true);
  return join([head, body]);
}

const DRAWS_PNG = new Set(
  "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD acTL fcTL fdAT".split(" "),
);
const PNG_HEAD = 8;

function pngMoves(bytes: Uint8Array): boolean {
  for (const { name } of pngParts(bytes)) {
    if (name === "acTL") return true;
    if (name === "IDAT") return false;
  }
  return false;
}

/** Pixels and frames: no texts, no Exif, no time, no profile of a device. */
export function strippedPng(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const kept = [slice(bytes, 0, PNG_HEAD)];
  for (const { name, part } of pngParts(bytes)) if (DRAWS_PNG.has(name)) kept.push(part);
  return join(kept);
}

function* pngParts(bytes: Uint8Array): Generator<{ name: string; part: Uint8Array }> {
  for (let at = PNG_HEAD, name = ""; name !== "IEND";) {
    const end = at + 12 + u32(bytes, at, false);
    name = ascii(bytes, at + 4, 4);
    yield { name, part: slice(bytes, at, end) };
    at = end;
  }
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw new RangeError("the file breaks off");
  return byte;
}

function slice(bytes: Uint8Array, start: number, end: number): Uint8Array {
  if (end > bytes.length) throw new RangeError("the file breaks off");
  return bytes.subarray(start, end);
}
