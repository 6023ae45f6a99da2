/** Looks whether a file that somebody chose can be sent, and as what. */
import { limits } from "@/protocol.gen";
import type { PreparedPicture } from "../../picture-file";
import { kindOf } from "../pictures/bytes";
import { NotSendable, preparePicture } from "../pictures/prepare";

/** The picture that is sent; `null` for a file of another kind. Throws `NotSendable`. */
export async function prepareFile(file: Blob): Promise<PreparedPicture | null> {
  // By its first bytes, never by its name. A folder, or a file that went away, has none.
  const head = await file
    .slice(0, 16)
    .arrayBuffer()
    .catch(() => {
      throw new NotSendable("unreadable");
    });
  const kind = kindOf(new Uint8Array(head));
  if (kind) return preparePicture(file, kind);
  if (file.size > limits.FILE) throw new NotSendable("too_large");
  return null;
}
