import { Avatar } from "@/components/ui/avatar";
import { SearchField } from "@/components/ui/search-field";
import { displayName } from "@/features/people/names";
import type { Account } from "@/protocol.gen";
import { CaretRightIcon } from "@phosphor-icons/react/CaretRight";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { AccountMarks } from "./account-marks";
import { PagesCard } from "./pages-card";
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
  const found = accounts.data?.pages.flatMap(({ users }) => users) ?? [];

  return (
    <PagesCard
      title={t("admin.accounts")}
      query={accounts}
      count={found.length}
      empty={t("admin.nobody")}
      more={t("admin.more")}
      search={
        <div className="mt-3">
          <SearchField label={t("admin.search")} value={text} onChange={setText} />
        </div>
      }
    >
      <ul aria-label={t("admin.accounts")} className="-mx-2.5 mt-2 flex flex-col">
        {found.map((account) => (
          <AccountRow key={account.user_id} account={account} />
        ))}
      </ul>
    </PagesCard>
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
