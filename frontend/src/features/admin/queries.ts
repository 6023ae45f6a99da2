/** Accounts and the log, as moderators and admins see them. */
import { api } from "@/core/api";
import type { FactorReset, UserId } from "@/protocol.gen";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

/** Entries that are fetched at once. */
const PAGE = 50;

export const summaryQuery = queryOptions({
  queryKey: ["mine", "admin", "summary"],
  staleTime: 0,
  queryFn: api.adminSummary,
});

export const accountsQuery = (text: string) =>
  infiniteQueryOptions({
    queryKey: ["mine", "admin", "accounts", text],
    staleTime: 0,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) =>
      api.adminAccounts({ q: text, after: pageParam, limit: PAGE }, signal),
    getNextPageParam: ({ has_more, users }) => (has_more ? users.at(-1)?.username : undefined),
  });

export const accountQuery = (id: UserId) =>
  queryOptions({
    queryKey: ["mine", "admin", "account", id],
    staleTime: 0,
    queryFn: () => api.adminAccount(id),
  });

export const auditQuery = (filter: { subject?: UserId; action?: string }) =>
  infiniteQueryOptions({
    queryKey: ["mine", "admin", "audit", filter],
    staleTime: 0,
    initialPageParam: undefined as number | undefined,
    queryFn: ({ pageParam }) =>
      api.adminAudit({ ...filter, limit: PAGE, ...(pageParam && { before: pageParam }) }),
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)?.audit_id),
  });

export const invitationsQuery = queryOptions({
  queryKey: ["mine", "admin", "invitations"],
  staleTime: 0,
  queryFn: api.invitations,
});

/** The reset of somebody's factors that this page announced last; the server tells it but once. */
export const resetQuery = (id: UserId) =>
  queryOptions<FactorReset | null>({
    queryKey: ["mine", "reset", id],
    staleTime: Infinity,
    queryFn: () => null,
  });
