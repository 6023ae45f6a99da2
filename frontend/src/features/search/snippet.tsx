import type { SnippetPiece } from "@/core/messages";

/** A part of a message, the words that were looked for marked. */
export function Snippet({ pieces }: { pieces: readonly SnippetPiece[] }) {
  let at = 0;
  return pieces.map(({ text, marked }) => {
    const key = at;
    at += text.length;
    if (!marked) return <span key={key}>{text}</span>;
    return (
      <mark key={key} className="rounded-[4px] bg-moss-soft font-medium text-text">
        {text}
      </mark>
    );
  });
}
