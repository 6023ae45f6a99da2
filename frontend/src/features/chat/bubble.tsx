import { useLocale } from "@/i18n/use-locale";
import type { Entry } from "@/core/engine.gen";
import { PictureView } from "@/features/pictures/picture-view";
import { classNames } from "@/lib/class-names";
import { clock } from "@/lib/format";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "react-aria-components";
import { BubbleBody } from "./bubble-body";
import type { Delivery } from "./delivery";
import { isEmojiOnly } from "./links";
import { Tick } from "./tick";

interface BubbleProps {
  entry: Entry;
  author: string;
  /** Among several people: says above the first bubble who writes. */
  showsAuthor: boolean;
  first: boolean;
  last: boolean;
  /** Mine: how far it has come. */
  delivery: Delivery | null;
  /** Says "Read" in letters: the newest that was. */
  spellsRead: boolean;
  /** Rises once: it was just written here. */
  rises: boolean;
  onRetry: (entry: Entry) => void;
  /** Drops one of mine that was not sent. */
  onDiscard: (entry: Entry) => void;
  onEnlarge: (entry: Entry) => void;
}

/** Drawn again only when something of its own changes: a conversation holds many. */
export const Bubble = memo(function Bubble({
  entry,
  author,
  showsAuthor,
  first,
  last,
  delivery,
  spellsRead,
  rises,
  onRetry,
  onDiscard,
  onEnlarge,
}: BubbleProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { mine } = entry;
  const failed = delivery === "failed";
  const { body } = entry;
  const picture = body.type === "picture" ? body : null;
  /** The time lies on the picture. */
  const bare = picture !== null && !picture.picture.caption.trim();
  const big = entry.body.type === "text" && isEmojiOnly(entry.body.text);
  const meta = (
    <>
      <time dateTime={new Date(entry.sent_at).toISOString()}>{clock(entry.sent_at, locale)}</time>
      {spellsRead && <span>{t("state.read")}</span>}
      {delivery && <Tick delivery={delivery} />}
    </>
  );

  return (
    <div
      className={classNames(
        "flex flex-col",
        mine ? "items-end" : "items-start",
        first ? "pt-3.5" : "pt-0.5",
        rises && "animate-rise",
      )}
    >
      <div
        className={classNames(
          "relative max-w-[84%] min-w-0 rounded-bubble md:max-w-[min(78%,560px)]",
          picture ? "w-min p-1" : "px-3.5 py-2",
          mine
            ? "bg-own text-own-text [--focus:var(--focusOwn)]"
            : "border border-line bg-other text-other-text",
          last && (mine ? "rounded-br-[6px]" : "rounded-bl-[6px]"),
          failed && "outline-2 outline-offset-2 outline-danger",
        )}
      >
        {showsAuthor ? (
          <p
            className={classNames(
              "truncate text-sm font-medium text-moss-text",
              picture && "w-0 min-w-full px-2.5 py-1",
            )}
          >
            {author}
          </p>
        ) : (
          <span className="sr-only">{author}: </span>
        )}
        {picture && (
          <PictureView
            entry={entry}
            body={picture}
            label={mine ? t("pictures.mine") : t("pictures.from", { name: author })}
            sending={delivery === "sending"}
            onEnlarge={onEnlarge}
            onCancel={onDiscard}
          />
        )}
        {!bare && (
          <BubbleBody body={body} mine={mine} big={big}>
            {/* Holds the place of the time behind the last word. */}
            <span
              aria-hidden="true"
              className="invisible ml-2.5 inline-flex gap-1 text-xs select-none"
            >
              {meta}
            </span>
          </BubbleBody>
        )}
        <span
          className={classNames(
            "absolute inline-flex items-center gap-1 text-xs",
            bare &&
              "pointer-events-none right-2.5 bottom-2.5 rounded-full bg-[rgb(14_21_18/.62)] px-2 py-0.5 text-[#fff]",
            !bare && "right-3.5 bottom-1.5",
            !bare && (mine ? "text-own-meta" : "text-other-meta"),
          )}
        >
          {meta}
          {delivery && !spellsRead && <span className="sr-only">{t(`state.${delivery}`)}</span>}
        </span>
      </div>
      {failed && (
        <p className="flex items-center gap-2 px-1 pt-1 text-sm text-danger">
          {t("state.failed")}
          <Button
            onPress={() => onRetry(entry)}
            className="cursor-default font-medium underline underline-offset-2 pointer-coarse:min-h-11"
          >
            {t("state.retry")}
          </Button>
          <Button
            onPress={() => onDiscard(entry)}
            className="cursor-default font-medium underline underline-offset-2 pointer-coarse:min-h-11"
          >
            {t("state.discard")}
          </Button>
        </p>
      )}
    </div>
  );
});
