import type { ConversationId, Quote as Quoted } from "@/core/engine.gen";
import { classNames } from "@/lib/class-names";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { saidLine } from "./body-line";
import { jumpTo } from "./jump";

interface QuoteProps {
  quote: Quoted;
  conversation: ConversationId;
  /** Who wrote what is quoted. */
  author: string;
  /** In a bubble of one's own. */
  mine: boolean;
}

/** What a message answers, above its words; a press goes there. */
export function Quote({ quote, conversation, author, mine }: QuoteProps) {
  const { t } = useTranslation();
  const { position, said } = quote;
  const look = classNames(
    "mb-1.5 flex w-full min-w-0 flex-col rounded-[12px] border-l-[3px] px-2.5 py-1.5 text-left text-md",
    mine
      ? "border-own-text/70 bg-[rgb(0_0_0/.18)] text-own-text"
      : "border-moss bg-sunken text-text-2",
  );
  const silent = said.type !== "text";
  const words = (
    <>
      <span className={classNames("truncate text-sm font-medium", !mine && "text-moss-text")}>
        {author}
      </span>
      <span className={classNames("line-clamp-2 [overflow-wrap:anywhere]", silent && "italic")}>
        {saidLine(said, t)}
      </span>
    </>
  );
  if (position === undefined) return <div className={look}>{words}</div>;
  return (
    <Button
      aria-label={t("message.showQuoted", { name: author, text: saidLine(said, t) })}
      onPress={() => jumpTo(conversation, position)}
      className={classNames(look, "cursor-default data-hovered:brightness-95")}
    >
      {words}
    </Button>
  );
}
