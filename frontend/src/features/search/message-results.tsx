import { Button } from "@/components/ui/button";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { SearchHit } from "@/core/messages";
import { jumpTo } from "@/features/chat/jump";
import type { Names, Row } from "@/features/chat/rows";
import { useLocale } from "@/i18n/use-locale";
import { listTime } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { Snippet } from "./snippet";
import { useMessageSearch } from "./use-message-search";

interface MessageResultsProps {
  text: string;
  rows: readonly Row[];
  names: Names;
  /** Conversations are shown above: the words say so when no message was found. */
  beside: boolean;
}

/** Messages that hold the words, from all conversations. */
export function MessageResults({ text, rows, names, beside }: MessageResultsProps) {
  const { t } = useTranslation();
  const { hits, total, failed, loadMore } = useMessageSearch(text);
  const shown = hits.filter((hit) => rows.some(({ id }) => id === hit.conversation));
  if (failed) {
    return (
      <p role="alert" className="px-2.5 text-md text-danger">
        {t("search.failed")}
      </p>
    );
  }
  if (shown.length === 0) {
    if (total === null) return <SkeletonRows count={3} label={t("common.loading")} />;
    return (
      <p role="status" className="px-2.5 text-md text-text-2">
        {t(beside ? "search.noMessages" : "search.nothing")}{" "}
        <Link to="/people" className="text-link underline underline-offset-2">
          {t("chat.findPeople")}
        </Link>
      </p>
    );
  }
  return (
    <section aria-label={t("search.messages")} className="flex flex-col gap-0.5">
      <h2 className="px-3 pb-1 text-sm font-medium text-text-2">{t("search.messages")}</h2>
      <p role="status" className="sr-only">
        {total !== null && t("search.found", { count: total })}
      </p>
      <ul className="flex flex-col gap-0.5">
        {shown.map((hit) => (
          <Result
            key={`${hit.conversation}/${hit.key}`}
            hit={hit}
            row={rows.find(({ id }) => id === hit.conversation)!}
            names={names}
          />
        ))}
      </ul>
      {loadMore && (
        <span className="self-center py-2">
          <Button look="quiet" size="small" onPress={loadMore}>
            {t("search.more")}
          </Button>
        </span>
      )}
    </section>
  );
}

function Result({ hit, row, names }: { hit: SearchHit; row: Row; names: Names }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow(60_000);
  const author = hit.mine ? t("rooms.you") : row.members === null ? null : names[hit.sender];
  return (
    <li>
      <Link
        to="/chat/$id"
        params={{ id: hit.conversation }}
        onClick={() => jumpTo(hit.conversation, hit.position)}
        className="flex flex-col gap-0.5 rounded-field px-3 py-2 transition hover:bg-selected/55 focus-visible:-outline-offset-2"
      >
        <span className="flex items-baseline gap-2">
          <span className="grow truncate text-md font-medium">{row.name}</span>
          <time
            dateTime={new Date(hit.sent_at).toISOString()}
            className="shrink-0 text-xs text-text-2"
          >
            {listTime(hit.sent_at, now, locale)}
          </time>
        </span>
        <span className="line-clamp-2 text-md [overflow-wrap:anywhere] text-text-2">
          {author && <span>{t("search.by", { name: author })} </span>}
          <Snippet pieces={hit.snippet} />
        </span>
      </Link>
    </li>
  );
}
