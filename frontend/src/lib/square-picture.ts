/** A picture file as the server takes it for a profile: its middle, 512 x 512, without metadata. */
const SIDE = 512;
/** The server takes no larger file. */
const MOST = 512 * 1024;

/** Throws where the browser cannot read the file as a picture. */
export async function squarePicture(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const canvas = drawSquare(picture, SIDE);
  picture.close();
  for (const quality of [0.9, 0.75, 0.5]) {
    const made = await canvas.convertToBlob({ type: "image/jpeg", quality });
    if (made.size <= MOST) return made;
  }
  throw new Error("the picture stays too large");
}

/** The middle of a picture, `side` x `side`. Throws where the browser cannot draw. */
export function drawSquare(picture: ImageBitmap, side: number): OffscreenCanvas {
  const { x, y, size } = middle(picture.width, picture.height);
  const canvas = new OffscreenCanvas(side, side);
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("this browser cannot draw");
  // A JPEG has no transparency.
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, side, side);
  pen.imageSmoothingQuality = "high";
  pen.drawImage(picture, x, y, size, size, 0, 0, side, side);
  return canvas;
}

/** The largest square in the middle. */
export function middle(width: number, height: number): { x: number; y: number; size: number } {
  const size = Math.min(width, height);
  return { x: (width - size) / 2, y: (height - size) / 2, size };
}
