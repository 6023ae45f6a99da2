import { Avatar } from "@/components/ui/avatar";
import { Card } from "@/components/ui/card";
import { SkeletonRows } from "@/components/ui/skeleton";
import { displayName } from "@/features/people/names";
import { Fact, Facts } from "@/features/settings/facts";
import { LoadFailure } from "@/features/settings/load-failure";
import { SectionPage } from "@/features/settings/section-page";
import { useLocale } from "@/i18n/use-locale";
import { ago, longDate } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { Account } from "@/protocol.gen";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { AccountMarks } from "./account-marks";
import { AccountActions } from "./account-actions";
import { LogCard } from "./log-card";
import { accountQuery } from "./queries";

/** One account: what it is, what can be done, what happened. */
export function AccountPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/inside/admin/people/$id" });
  const { data: account, error, refetch } = useQuery(accountQuery(id));
  const title = account ? displayName(account) : t("admin.account");
  return (
    <SectionPage title={title} backTo="/admin" backLabel={t("admin.back")}>
      {account && (
        <>
          <About account={account} />
          <AccountActions account={account} />
        </>
      )}
      {!account && (
        <Card>
          {error ? (
            <LoadFailure fault={error} onRetry={() => void refetch()} />
          ) : (
            <SkeletonRows count={2} label={t("common.loading")} />
          )}
        </Card>
      )}
      <LogCard subject={id} />
    </SectionPage>
  );
}

function About({ account }: { account: Account }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  const { email, created_at, last_seen, devices, sessions } = account;
  return (
    <Card>
      <div className="flex items-center gap-4">
        <Avatar name={displayName(account)} picture={null} />
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-2 font-medium">
            <span className="min-w-0 [overflow-wrap:anywhere]">{displayName(account)}</span>
            <AccountMarks account={account} />
          </p>
          <p className="text-md [overflow-wrap:anywhere] text-text-2">@{account.username}</p>
        </div>
      </div>
      <Facts>
        <Fact label={t("signUp.email")}>{email}</Fact>
        <Fact label={t("profile.since")}>{longDate(Date.parse(created_at), locale)}</Fact>
        <Fact label={t("admin.lastSeen")}>
          {last_seen ? ago(Date.parse(last_seen), now, locale) : t("admin.never")}
        </Fact>
        <Fact label={t("admin.numbers.devices")}>{devices}</Fact>
        <Fact label={t("admin.openSessions")}>{sessions}</Fact>
      </Facts>
    </Card>
  );
}
