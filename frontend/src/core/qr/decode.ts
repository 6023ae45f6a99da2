/** What a picture's QR code says. */
import { decodeQR, type Image } from "qr/decode.js";

/** For one frame of a camera, in milliseconds: the next one may be sharper. */
const PATIENCE = 120;

/** The text of the code in an RGBA picture; `null` without one that can be read. */
export function decode(picture: Image): string | null {
  try {
    return decodeQR(picture, { format: "RGBA", timeLimit: PATIENCE });
  } catch {
    return null;
  }
}
