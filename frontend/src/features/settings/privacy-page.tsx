import { Card } from "@/components/ui/card";
import { Skeleton } from "@/components/ui/skeleton";
import { Switch } from "@/components/ui/switch";
import { FormFailure } from "@/features/auth/form-failure";
import { BlockedList } from "@/features/people/blocked-list";
import { useProblemText } from "@/i18n/problem-text";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { LoadFailure } from "./load-failure";
import { meQuery, useChangeMe } from "./queries";
import { SectionPage } from "./section-page";

const switches = [
  { name: "searchable", label: "privacy.searchable", text: "privacy.searchableText" },
  { name: "shows_last_seen", label: "privacy.lastSeen", text: "privacy.lastSeenText" },
  { name: "shows_read", label: "privacy.read", text: "privacy.readText" },
] as const;

/** Who finds me, what they see, and who is kept out. */
export function PrivacyPage() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const { data: me, error, refetch } = useQuery(meQuery);
  const change = useChangeMe();

  return (
    <SectionPage title={t("privacy.title")}>
      <Card title={t("privacy.shown")}>
        {me && (
          <div className="mt-1 flex flex-col divide-y divide-line">
            {switches.map(({ name, label, text }) => (
              <Switch
                key={name}
                label={t(label)}
                isSelected={me[name]}
                onChange={(on) => change.mutate({ [name]: on })}
              >
                {t(text)}
              </Switch>
            ))}
          </div>
        )}
        {!me && !error && (
          <div role="status" aria-label={t("common.loading")} className="flex flex-col gap-5 py-4">
            {switches.map(({ name }) => (
              <Skeleton key={name} className="h-10 w-full rounded-chip" />
            ))}
          </div>
        )}
        {!me && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
        <FormFailure text={change.isError ? describe(change.error) : null} />
      </Card>
      <BlockedList />
    </SectionPage>
  );
}
