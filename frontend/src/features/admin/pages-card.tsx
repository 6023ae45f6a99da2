import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { SkeletonRows } from "@/components/ui/skeleton";
import { LoadFailure } from "@/features/settings/load-failure";
import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface PagesCardProps {
  title: string;
  lead?: string;
  /** What is listed, loaded page by page. */
  query: UseInfiniteQueryResult;
  /** How many rows have come. */
  count: number;
  /** Stands where rows would be when there is none. */
  empty: string;
  more: string;
  /** Above the list, in all its states. */
  search?: ReactNode;
  children: ReactNode;
}

/** A long list, a page at a time: loading, failed, empty, and more to come. */
export function PagesCard({
  title,
  lead,
  query,
  count,
  empty,
  more,
  search,
  children,
}: PagesCardProps) {
  const { t } = useTranslation();
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const loaded = data !== undefined;
  return (
    <Card title={title} lead={lead}>
      {search}
      {count > 0 && children}
      {loaded && count === 0 && (
        <p role="status" className="mt-3 text-text-2">
          {empty}
        </p>
      )}
      {!loaded && !error && <SkeletonRows count={4} label={t("common.loading")} />}
      {!loaded && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
      {hasNextPage && (
        <div className="mt-2 flex flex-col md:items-start">
          <Button isPending={isFetchingNextPage} onPress={() => void fetchNextPage()}>
            {more}
          </Button>
        </div>
      )}
    </Card>
  );
}
