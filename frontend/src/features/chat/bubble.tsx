import type { ConversationId, Entry } from "@/core/engine.gen";
import { FileView } from "@/features/files/file-view";
import { PictureView } from "@/features/pictures/picture-view";
import { classNames } from "@/lib/class-names";
import { useLongPress } from "@/lib/use-long-press";
import { DotsThreeIcon } from "@phosphor-icons/react/DotsThree";
import { memo, type MouseEvent, useRef } from "react";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { BubbleBody } from "./bubble-body";
import { BubbleFailure } from "./bubble-failure";
import { BubbleMeta } from "./bubble-meta";
import type { Delivery } from "./delivery";
import { isEmojiOnly } from "./links";
import { Quote } from "./quote";
import { Reactions } from "./reactions";

/** What a bubble can ask for; always the same functions. */
export interface BubbleActs {
  onRetry: (entry: Entry) => void;
  /** Drops one of mine that was not sent. */
  onDiscard: (entry: Entry) => void;
  onEnlarge: (entry: Entry) => void;
  onMenu: (entry: Entry, anchor: HTMLElement) => void;
  onReact: (entry: Entry, emoji: string, on: boolean) => void;
}

interface BubbleProps {
  entry: Entry;
  conversation: ConversationId;
  nameOf: (user: string) => string;
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
  /** Nothing can be sent here. */
  closed: boolean;
  /** Its menu is the one that the tab key stops at. */
  tabStop: boolean;
  acts: BubbleActs;
}

/** Drawn again only when something of its own changes: a conversation holds many. */
export const Bubble = memo(function Bubble({
  entry,
  conversation,
  nameOf,
  showsAuthor,
  first,
  last,
  delivery,
  spellsRead,
  rises,
  closed,
  tabStop,
  acts,
}: BubbleProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const { mine, body, reply_to: quote, reactions = [] } = entry;
  const author = nameOf(entry.sender);
  const failed = delivery === "failed";
  const picture = body.type === "picture" ? body : null;
  /** The time lies on the picture. */
  const bare = picture !== null && !picture.picture.caption.trim();
  const big = body.type === "text" && !quote && isEmojiOnly(body.text);
  const meta = <BubbleMeta entry={entry} delivery={delivery} spellsRead={spellsRead} />;
  const hasMenu = entry.state === "sent";

  function openMenu(): void {
    if (hasMenu && box.current) acts.onMenu(entry, box.current);
  }

  function pointed(event: MouseEvent<HTMLElement>): void {
    // What the browser offers for links and for marked words is worth more.
    const onLink = event.target instanceof Element && event.target.closest("a");
    if (onLink || !getSelection()?.isCollapsed || !hasMenu) return;
    event.preventDefault();
    openMenu();
  }

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
          "group/message relative flex w-full items-center gap-1",
          mine && "flex-row-reverse",
        )}
      >
        {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the button beside it does it too */}
        <div
          ref={box}
          {...useLongPress(openMenu)}
          onContextMenu={pointed}
          className={classNames(
            "relative max-w-[84%] min-w-0 rounded-bubble pointer-coarse:select-none md:max-w-[min(78%,560px)]",
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
          {quote && (
            <div className={classNames(picture && "w-0 min-w-full")}>
              <Quote
                quote={quote}
                conversation={conversation}
                author={nameOf(quote.sender)}
                mine={mine}
              />
            </div>
          )}
          {picture && (
            <PictureView
              entry={entry}
              body={picture}
              label={mine ? t("pictures.mine") : t("pictures.from", { name: author })}
              sending={delivery === "sending"}
              onEnlarge={acts.onEnlarge}
              onCancel={acts.onDiscard}
            />
          )}
          {body.type === "file" && (
            <FileView
              entry={entry}
              body={body}
              sending={delivery === "sending"}
              onCancel={acts.onDiscard}
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
        {hasMenu && (
          <Button
            data-message-menu
            excludeFromTabOrder={!tabStop}
            aria-haspopup="dialog"
            aria-label={mine ? t("message.menuMine") : t("message.menuOf", { name: author })}
            onPress={openMenu}
            className="grid size-8 shrink-0 cursor-default place-items-center rounded-full text-text-2 opacity-0 transition group-hover/message:opacity-100 hover:bg-selected focus-visible:opacity-100 pointer-coarse:absolute pointer-coarse:size-px"
          >
            <DotsThreeIcon size={20} weight="bold" aria-hidden="true" />
          </Button>
        )}
      </div>
      {reactions.length > 0 && (
        <Reactions
          entry={entry}
          reactions={reactions}
          nameOf={nameOf}
          closed={closed}
          onReact={acts.onReact}
        />
      )}
      {failed && (
        <BubbleFailure
          onRetry={() => acts.onRetry(entry)}
          onDiscard={() => acts.onDiscard(entry)}
        />
      )}
    </div>
  );
});
