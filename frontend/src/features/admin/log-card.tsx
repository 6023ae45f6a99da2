import { useLocale } from "@/i18n/use-locale";
import { dateTime } from "@/lib/format";
import type { AuditEntry, UserId } from "@/protocol.gen";
import { useInfiniteQuery } from "@tanstack/react-query";
import { type TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { actionName } from "./action-name";
import { PagesCard } from "./pages-card";
import { auditQuery } from "./queries";

/** The log of security events: of everybody, or of one account. */
export function LogCard({ subject }: { subject?: UserId }) {
  const { t } = useTranslation();
  const log = useInfiniteQuery(auditQuery(subject ? { subject } : {}));
  const entries = log.data?.pages.flat() ?? [];
  return (
    <PagesCard
      title={t("admin.log")}
      lead={t("admin.logLead")}
      query={log}
      count={entries.length}
      empty={t("admin.logEmpty")}
      more={t("admin.older")}
    >
      <ol aria-label={t("admin.log")} className="mt-2 divide-y divide-line">
        {entries.map((entry) => (
          <LogRow key={entry.audit_id} entry={entry} />
        ))}
      </ol>
    </PagesCard>
  );
}

function LogRow({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const refused = entry.outcome !== "ok";
  return (
    <li className="flex flex-col gap-x-4 py-2.5 text-md text-text-2 md:flex-row md:items-baseline">
      <time dateTime={entry.at} className="shrink-0 text-sm tabular-nums md:w-36">
        {dateTime(Date.parse(entry.at), locale)}
      </time>
      <div className="min-w-0 grow">
        <p className="text-body text-text">
          {actionName(entry.action, t)}
          {refused && (
            <span className="ml-2 rounded-full bg-danger-soft px-2 text-sm font-medium whitespace-nowrap text-danger">
              {t("admin.refused", { code: entry.outcome })}
            </span>
          )}
        </p>
        <p className="[overflow-wrap:anywhere]">{whoAndWhere(entry, t)}</p>
      </div>
    </li>
  );
}

/** "@ana · 192.0.2.1", "@ana → @bo · 192.0.2.1" */
function whoAndWhere(entry: AuditEntry, t: TFunction): string {
  const name = (id: string | null, username: string | null) =>
    id === null ? null : username === null ? t("admin.gone") : `@${username}`;
  const actor = name(entry.actor, entry.actor_username);
  const subject =
    entry.subject === entry.actor ? null : name(entry.subject, entry.subject_username);
  const who = [actor, subject].filter((part) => part !== null).join(" → ");
  return [who, entry.address].filter(Boolean).join(" · ");
}
