/** Makes of a file that somebody chose the picture that is sent: drawn anew, nothing told. */
import { limits } from "@/protocol.gen";
import type { PictureKind } from "../../engine.gen";
import { mediaTypes, type PreparedPicture, type PrepareFault } from "../../picture-file";
import { strippedIfMoving } from "./strip";

/** Longest side in pixels: what every browser can draw, and more than a screen shows. */
const LONGEST = 4096;
/** Longest side of what stands in for a picture. */
const PREVIEW = 32;

/** Why a file is not sent. */
export class NotSendable extends Error {
  readonly fault: PrepareFault;

  constructor(fault: PrepareFault) {
    super(fault);
    this.fault = fault;
  }
}

/**
 * JPEG, PNG and still WebP are drawn anew, upright; moving pictures are copied without their
 * metadata. Throws `NotSendable`.
 */
export async function preparePicture(file: Blob, kind: PictureKind): Promise<PreparedPicture> {
  if (file.size > limits.PICTURE) throw new NotSendable("too_large");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const drawn = await read(new Blob([bytes], { type: mediaTypes[kind] }));
  try {
    const moving = stripped(kind, bytes);
    const picture = moving
      ? { file: moving, width: drawn.width, height: drawn.height }
      : await redrawn(kind, drawn);
    if (picture.file.size > limits.PICTURE) throw new NotSendable("too_large");
    return { ...picture, preview: await previewOf(drawn) };
  } finally {
    drawn.close();
  }
}

async function read(file: Blob): Promise<ImageBitmap> {
  try {
    // Turned as its Exif says, which is gone afterwards.
    return await createImageBitmap(file);
  } catch {
    throw new NotSendable("no_picture");
  }
}

function stripped(kind: PictureKind, bytes: Uint8Array): Blob | null {
  try {
    const moving = strippedIfMoving(kind, bytes);
    return moving && new Blob([moving], { type: mediaTypes[kind] });
  } catch {
    throw new NotSendable("no_picture");
  }
}

/** The first that is small enough; a browser that cannot write WebP writes PNG instead. */
const ways: Record<Exclude<PictureKind, "gif">, [PictureKind, number?][]> = {
  jpeg: [
    ["jpeg", 0.9],
    ["jpeg", 0.75],
    ["jpeg", 0.5],
  ],
  png: [["png"], ["webp", 0.9], ["webp", 0.7], ["jpeg", 0.75]],
  webp: [
    ["webp", 0.9],
    ["webp", 0.75],
    ["jpeg", 0.75],
  ],
};

async function redrawn(
  kind: PictureKind,
  drawn: ImageBitmap,
): Promise<Omit<PreparedPicture, "preview">> {
  const { width, height } = fitted(drawn, LONGEST);
  const canvas = draw(drawn, width, height);
  let made: Blob | null = null;
  for (const [to, quality] of ways[kind === "gif" ? "png" : kind]) {
    if (made && made.size <= limits.PICTURE) break;
    made = await canvas.convertToBlob({
      type: mediaTypes[to],
      ...(quality !== undefined && { quality }),
    });
  }
  if (!made) throw new NotSendable("no_picture");
  return { file: made, width, height };
}

/** A few hundred bytes that show where it is light and dark before the picture is here. */
async function previewOf(drawn: ImageBitmap): Promise<Uint8Array> {
  const { width, height } = fitted(drawn, PREVIEW);
  const canvas = draw(drawn, width, height);
  for (const type of [mediaTypes.webp, mediaTypes.jpeg]) {
    const made = await canvas.convertToBlob({ type, quality: 0.5 });
    if (made.type === type && made.size <= limits.PICTURE_PREVIEW) {
      return new Uint8Array(await made.arrayBuffer());
    }
  }
  return new Uint8Array();
}

/** Not larger than it is, and at least a pixel each way. */
export function fitted(
  { width, height }: { width: number; height: number },
  longest: number,
): { width: number; height: number } {
  const scale = Math.min(1, longest / Math.max(width, height));
  const side = (length: number) => Math.max(1, Math.round(length * scale));
  return { width: side(width), height: side(height) };
}

function draw(picture: ImageBitmap, width: number, height: number): OffscreenCanvas {
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  if (!pen) throw new NotSendable("no_picture");
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, 0, 0, width, height);
  return canvas;
}
