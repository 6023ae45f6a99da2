import type { Body } from "@/core/engine.gen";
import { classNames } from "@/lib/class-names";
import { EnvelopeSimpleIcon } from "@phosphor-icons/react/EnvelopeSimple";
import { ProhibitIcon } from "@phosphor-icons/react/Prohibit";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { bodyLine } from "./body-line";
import { type Piece, piecesOf } from "./links";

interface BubbleBodyProps {
  body: Body;
  mine: boolean;
  big: boolean;
  /** Stands right behind the last word and never alone on a line. */
  children: ReactNode;
}

/** The words of a message with its links, or what is said in place of them. */
export function BubbleBody({ body, mine, big, children }: BubbleBodyProps) {
  const { t } = useTranslation();
  const words = wordsOf(body);
  if (words === null) {
    const Icon = body.type === "deleted" ? ProhibitIcon : EnvelopeSimpleIcon;
    return (
      <p className="flex items-start gap-2 italic">
        <Icon size={18} aria-hidden="true" className="mt-0.5 shrink-0" />
        <span>
          {bodyLine(body, mine, t)}
          {children}
        </span>
      </p>
    );
  }
  const pieces = piecesOf(words);
  const end = pieces.at(-1);
  const [rest, word] = end && !end.href ? lastWord(end.text) : ["", null];
  return (
    <p
      className={classNames(
        "whitespace-pre-wrap [overflow-wrap:anywhere]",
        big && "text-[2.25rem]/[2.75rem]",
        body.type === "picture" && "px-2.5 pt-1.5 pb-1",
      )}
    >
      {pieces.slice(0, word === null ? undefined : -1).map((piece) => (
        <PieceText key={piece.at} piece={piece} mine={mine} />
      ))}
      {word === null ? (
        children
      ) : (
        <>
          {rest}
          <span className="whitespace-nowrap">
            {word}
            {children}
          </span>
        </>
      )}
    </p>
  );
}

/** `null` for what is no words of a person. */
function wordsOf(body: Body): string | null {
  switch (body.type) {
    case "text":
      return body.text;
    case "picture":
      return body.picture.caption;
    case "file":
      return body.file.caption;
    default:
      return null;
  }
}

function PieceText({ piece, mine }: { piece: Piece; mine: boolean }) {
  if (!piece.href) return piece.text;
  return (
    <a
      href={piece.href}
      target="_blank"
      rel="noopener noreferrer"
      className={classNames("underline underline-offset-2", mine ? "text-link-own" : "text-link")}
    >
      {piece.text}
    </a>
  );
}

/** The last word apart, if it is short enough to stay in one piece. */
function lastWord(text: string): [string, string | null] {
  const word = /\S+\s*$/.exec(text)?.[0] ?? "";
  if (word.length === 0 || word.length > 18) return ["", null];
  return [text.slice(0, -word.length), word.trimEnd()];
}
