/** What one press on "Send" becomes: one message, or several. */
import { limits } from "@/protocol.gen";
import type { Ready } from "@/features/files/chosen";

export interface Outgoing {
  /** `null` for words alone. */
  attached: Ready | null;
  text: string;
}

/** Words go along with the last file; what is too long for that follows on its own. */
export function outgoingOf(text: string, attached: readonly Ready[]): Outgoing[] {
  const words = text.trim();
  const fits = new TextEncoder().encode(words).length <= limits.PICTURE_CAPTION;
  const messages = attached.map((one, index): Outgoing => {
    const last = index === attached.length - 1;
    return { attached: one, text: last && fits ? words : "" };
  });
  if (words && (attached.length === 0 || !fits)) messages.push({ attached: null, text: words });
  return messages;
}
