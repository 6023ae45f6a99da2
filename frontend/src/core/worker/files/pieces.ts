/** Files of any kind, sealed and opened piece by piece: no second whole one is ever in memory. */
import type { Document } from "../../engine.gen";
import { limits } from "@/protocol.gen";
import type { Engine } from "../engine";
import { join } from "../pictures/bytes";

/** What is read at a time: a multiple of the engine's chunks, small beside a file. */
const PIECE = 4 * 65_536;

export interface SealedFile {
  ciphertext: Uint8Array<ArrayBuffer>;
  key: string;
  sha256: string;
}

/** Throws when the file cannot be read to its end, or changes meanwhile. */
export async function sealFile(engine: Pick<Engine, "sealer">, file: Blob): Promise<SealedFile> {
  const sealer = engine.sealer(file.size);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  try {
    for (let at = 0; at < file.size; at += PIECE) {
      const piece = await file.slice(at, at + PIECE).arrayBuffer();
      parts.push(sealer.push(new Uint8Array(piece)));
    }
  } catch (fault) {
    sealer.free();
    throw fault;
  }
  const { ciphertext, key, sha256 } = sealer.finish();
  return { ciphertext: join([...parts, ciphertext]), key, sha256 };
}

/** Throws when it is not the file that the message tells of. It has no type: nothing may run it. */
export function openFile(
  engine: Pick<Engine, "opener">,
  ciphertext: Uint8Array,
  document: Document,
): Blob {
  const opener = engine.opener(ciphertext, document);
  try {
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for (let piece = opener.nextPiece(); piece; piece = opener.nextPiece()) pieces.push(piece);
    const file = new Blob(pieces, { type: "application/octet-stream" });
    if (file.size !== document.size) throw new RangeError("not the size that was told");
    return file;
  } finally {
    opener.free();
  }
}

/** The name that goes along: the longest beginning that fits, with its ending. */
export function sentName(name: string): string {
  const bytes = new TextEncoder();
  const clean = name.trim() === "" ? "file" : name;
  if (bytes.encode(clean).length <= limits.FILE_NAME) return clean;
  const ending = /\.[^.\s]{1,8}$/u.exec(clean)?.[0] ?? "";
  const letters = Array.from(clean.slice(0, clean.length - ending.length));
  while (bytes.encode(letters.join("") + ending).length > limits.FILE_NAME) letters.pop();
  return letters.join("") + ending;
}

/** As the browser tells it; empty where it is none that can be sent. */
export function sentType(type: string): string {
  return type.length <= limits.MEDIA_TYPE && /^[\x20-\x7e]*$/.test(type) ? type : "";
}
