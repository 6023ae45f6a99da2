import { useLocale } from "@/i18n/use-locale";
import { Avatar } from "@/components/ui/avatar";
import { GroupAvatar } from "@/features/rooms/group-avatar";
import { GroupLastLine } from "@/features/rooms/group-last-line";
import { useUser } from "@/features/auth/session";
import { eventTexts } from "@/features/rooms/event-text";
import { classNames } from "@/lib/class-names";
import { listTime } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { bodyLine } from "./body-line";
import { deliveryOf } from "./delivery";
import { useDraft } from "./drafts";
import type { Row } from "./rows";
import { Tick } from "./tick";
import { useIsTyping } from "./typing-line";

interface ConversationRowProps {
  row: Row;
  selected: boolean;
}

/** A conversation in the list: with whom, what was said last, how much is unread. */
export function ConversationRow({ row, selected }: ConversationRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow(60_000);
  const { conversation } = row;
  const unread = conversation?.unread ?? 0;
  return (
    <li>
      <Link
        to="/chat/$id"
        params={{ id: row.id }}
        aria-current={selected ? "page" : undefined}
        className={classNames(
          "relative flex items-center gap-3 rounded-field py-2.5 pr-2.5 pl-3 transition focus-visible:-outline-offset-2",
          selected
            ? "bg-selected before:absolute before:inset-y-3.5 before:left-0 before:w-[3px] before:rounded-full before:bg-moss"
            : "hover:bg-selected/55",
        )}
      >
        {row.members === null ? (
          <Avatar
            name={row.name}
            picture={row.picture}
            online={row.online}
            ground={selected ? "selected" : "sunken"}
          />
        ) : (
          <GroupAvatar room={row.id} name={row.name} />
        )}
        {row.online && <span className="sr-only">{t("chat.online")}</span>}
        <span className="flex min-w-0 grow flex-col gap-0.5">
          <span className="flex items-baseline gap-2">
            <span className={classNames("grow truncate", unread ? "font-strong" : "font-medium")}>
              {row.name}
              {row.members !== null && (
                <span className="sr-only">{t("rooms.members", { count: row.members })}</span>
              )}
            </span>
            {conversation?.last && (
              <time
                dateTime={new Date(row.time).toISOString()}
                className={classNames(
                  "shrink-0 text-xs",
                  unread ? "font-medium text-moss-text" : "text-text-2",
                )}
              >
                {listTime(row.time, now, locale)}
              </time>
            )}
          </span>
          <span className="flex min-h-5 items-center gap-2">
            <LastLine row={row} selected={selected} />
            {unread > 0 && (
              <span className="grid h-5 min-w-5 shrink-0 place-items-center rounded-full bg-moss px-1.5 text-xs font-medium text-on-moss">
                <span aria-hidden="true">{unread > 99 ? "99+" : unread}</span>
                <span className="sr-only">{t("chat.unread", { count: unread })}</span>
              </span>
            )}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** Writing, then a draft, then the last message. */
function LastLine({ row, selected }: ConversationRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { user_id: me } = useUser();
  const typing = useIsTyping(row.id);
  const draft = useDraft(row.id);
  const last = row.conversation?.last;
  const look = "min-w-0 grow truncate text-md text-text-2";
  if (typing) return <span className="grow text-md text-moss-text">{t("chat.typingShort")}</span>;
  if (draft && !selected) {
    return (
      <span className={look}>
        <span className="text-moss-text">{t("chat.draft")}</span> {draft}
      </span>
    );
  }
  if (!last) return <span className={look}>{t("chat.noMessages")}</span>;
  if (row.conversation?.kind === "group") {
    return <GroupLastLine conversation={row.conversation} entry={last} look={look} />;
  }
  const telling = { t, locale, me, nameOf: () => row.name };
  const text = bodyLine(last.body, last.mine, t) ?? eventTexts(last, telling).at(-1);
  const delivery = last.mine ? deliveryOf(last, row.conversation?.marks ?? []) : null;
  return (
    <>
      {delivery && delivery !== "failed" && (
        <span className="shrink-0 text-text-3">
          <Tick delivery={delivery} />
          <span className="sr-only">{t(`state.${delivery}`)}</span>
        </span>
      )}
      {delivery === "failed" && (
        <span className="shrink-0 text-md text-danger">{t("state.failed")}</span>
      )}
      <span className={look}>{text}</span>
    </>
  );
}
