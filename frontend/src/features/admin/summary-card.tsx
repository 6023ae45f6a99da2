import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { LoadFailure } from "@/features/settings/load-failure";
import { useLocale } from "@/i18n/use-locale";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { summaryQuery } from "./queries";

const numbers = ["users", "new_users", "devices", "rooms", "connections", "waiting"] as const;

/** How much there is of everything. */
export function SummaryCard() {
  const { t } = useTranslation();
  const locale = useLocale();
  const { data, error, refetch } = useQuery(summaryQuery);
  return (
    <Card title={t("admin.server")}>
      {error && !data ? (
        <LoadFailure fault={error} onRetry={() => void refetch()} />
      ) : (
        <dl className="mt-3 grid grid-cols-2 gap-x-4 gap-y-3 min-[480px]:grid-cols-3">
          {numbers.map((name) => (
            <div key={name} className="flex flex-col-reverse">
              <dt className="text-md text-text-2">{t(`admin.numbers.${name}`)}</dt>
              <dd className="text-title font-strong tabular-nums">
                {data ? (
                  data[name].toLocaleString(locale)
                ) : (
                  <Skeleton className="my-1 h-6 w-12 rounded-chip" />
                )}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}
