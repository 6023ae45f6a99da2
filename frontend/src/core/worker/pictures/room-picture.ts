/** A group's picture: it travels inside a message, so that it is small. */
import { drawSquare } from "@/lib/square-picture";
import { limits } from "@/protocol.gen";
import { NotSendable } from "./prepare";

/** What is drawn at most, in pixels: a list shows 48, the details 96, screens have two for one. */
const SIDES = [256, 192, 128, 96];

/** The middle of a picture, drawn anew. Throws `NotSendable`. */
export async function roomPicture(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const picture = await createImageBitmap(file).catch(() => {
    throw new NotSendable("no_picture");
  });
  try {
    for (const side of SIDES) {
      const canvas = drawSquare(picture, side);
      for (const quality of [0.85, 0.7, 0.55]) {
        const made = await canvas.convertToBlob({ type: "image/jpeg", quality });
        if (made.size <= limits.ROOM_PICTURE) return new Uint8Array(await made.arrayBuffer());
      }
    }
    throw new NotSendable("too_large");
  } finally {
    picture.close();
  }
}
