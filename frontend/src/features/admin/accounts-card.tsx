import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { SearchField } from "@/components/ui/search-field";
import { SkeletonRows } from "@/components/ui/skeleton";
import { displayName } from "@/features/people/names";
import { LoadFailure } from "@/features/settings/load-failure";
import type { Account } from "@/protocol.gen";
import { CaretRightIcon } from "@phosphor-icons/react/CaretRight";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { AccountMarks } from "./account-marks";
import { accountsQuery } from "./queries";

/** All accounts, by the beginning of their username. */
export function AccountsCard() {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().replace(/^@/, "").toLowerCase());
  const accounts = useInfiniteQuery({
    ...accountsQuery(wanted),
    placeholderData: keepPreviousData,
  });
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = accounts;
  const found = data?.pages.flatMap(({ users }) => users) ?? [];

  return (
    <Card title={t("admin.accounts")}>
      <div className="mt-3">
        <SearchField label={t("admin.search")} value={text} onChange={setText} />
      </div>
      {data && found.length > 0 && (
        <ul aria-label={t("admin.accounts")} className="-mx-2.5 mt-2 flex flex-col">
          {found.map((account) => (
            <AccountRow key={account.user_id} account={account} />
          ))}
        </ul>
      )}
      {data && found.length === 0 && (
        <p role="status" className="mt-3 text-text-2">
          {t("admin.nobody")}
        </p>
      )}
      {!data && !error && <SkeletonRows count={4} label={t("common.loading")} />}
      {!data && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
      {hasNextPage && (
        <div className="mt-2 flex flex-col md:items-start">
          <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {t("admin.more")}
          </Button>
        </div>
      )}
    </Card>
  );
}

function AccountRow({ account }: { account: Account }) {
  return (
    <li>
      <Link
        to="/admin/people/$id"
        params={{ id: account.user_id }}
        className="flex items-center gap-3 rounded-field px-2.5 py-2 transition hover:bg-sunken"
      >
        <Avatar name={displayName(account)} picture={null} />
        <span className="min-w-0 grow">
          <span className="flex flex-wrap items-center gap-x-2">
            <span className="min-w-0 truncate font-medium">{displayName(account)}</span>
            <AccountMarks account={account} />
          </span>
          <span className="block truncate text-md text-text-2">
            @{account.username} · {account.email}
          </span>
        </span>
        <CaretRightIcon size={18} aria-hidden="true" className="shrink-0 text-text-3" />
      </Link>
    </li>
  );
}
