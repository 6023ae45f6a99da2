import { call } from "@/core/core";
import type { SearchHit } from "@/core/messages";
import { useSettled } from "@/lib/use-settled";
import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";

const PAGE = 30;
/** Milliseconds between two letters of somebody who types. */
const TYPING = 120;

interface MessageSearch {
  hits: readonly SearchHit[];
  /** How many there are; `null` while the first page of this text is not here. */
  total: number | null;
  failed: boolean;
  loadMore: (() => void) | null;
}

/** Messages that hold the words of a text, in one conversation or all, the newest first. */
export function useMessageSearch(text: string, conversation?: string): MessageSearch {
  const query = useSettled(text.trim(), TYPING);
  const found = useInfiniteQuery({
    queryKey: ["mine", "messages", query, conversation ?? null],
    enabled: query !== "",
    // The history changes: what was found before is asked for again.
    staleTime: 0,
    gcTime: 10_000,
    retry: false,
    placeholderData: keepPreviousData,
    initialPageParam: 0,
    queryFn: ({ pageParam: offset }) =>
      call("search", query, { ...(conversation && { conversation }), limit: PAGE, offset }),
    getNextPageParam: ({ total }, _, offset) => (offset + PAGE < total ? offset + PAGE : null),
  });
  const { data, hasNextPage, isFetching, fetchNextPage } = found;
  const hits = useMemo(() => data?.pages.flatMap((page) => page.hits) ?? [], [data]);
  return {
    hits: query === "" ? [] : hits,
    total: query === "" || query !== text.trim() ? null : (data?.pages[0]?.total ?? null),
    failed: found.isError,
    loadMore: hasNextPage && !isFetching ? () => void fetchNextPage() : null,
  };
}

/** Makes the index ready before the first letter. */
export function prepareSearch(): void {
  call("search", "", { limit: 0, offset: 0 }).catch(() => undefined);
}
