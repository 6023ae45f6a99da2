/** Cuts a text into words and links. */
export interface Piece {
  text: string;
  /** Where it begins. */
  at: number;
  href?: string;
}

const link = /\b(?:https?:\/\/|www\.)[^\s<>"]+/gi;
const closers: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(link)) {
    const shown = withoutTail(match[0]);
    const href = hrefOf(shown);
    if (!href) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), at: end });
    pieces.push({ text: shown, at: match.index, href });
    end = match.index + shown.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end), at: end });
  return pieces;
}

/** One to three emoji and nothing else. */
export function isEmojiOnly(text: string): boolean {
  const parts = [...new Intl.Segmenter().segment(text.trim())];
  return (
    parts.length >= 1 &&
    parts.length <= 3 &&
    parts.every(({ segment }) => /\p{Extended_Pictographic}|\p{Regional_Indicator}/u.test(segment))
  );
}

/** The stop after a sentence is not part of its link, nor a bracket that was opened before it. */
function withoutTail(text: string): string {
  let shown = text.replace(/[.,;:!?'"…]+$/, "");
  for (let last = shown.at(-1); last && closers[last]; last = shown.at(-1)) {
    if (shown.includes(closers[last]!)) break;
    shown = shown.slice(0, -1);
  }
  return shown;
}

function hrefOf(text: string): string | null {
  try {
    return new URL(/^www\./i.test(text) ? `https://${text}` : text).href;
  } catch {
    return null;
  }
}
