/** Contacts and requests, as the server has them; contacts are kept for times without it. */
import { api, ApiError } from "@/core/api";
import { call } from "@/core/core";
import { useCore } from "@/core/store";
import type { BlockedPerson, Contact, PendingRequests } from "@/protocol.gen";
import { limits } from "@/protocol.gen";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

const KEPT = "contacts";

export const contactsQuery = queryOptions({
  queryKey: ["mine", "contacts"],
  async queryFn(): Promise<Contact[]> {
    try {
      const contacts = await api.contacts();
      void keepContacts(contacts);
      return contacts;
    } catch (fault) {
      if (fault instanceof ApiError && fault.problem.status === 401) throw fault;
      // The server is away; whom one knows is still known.
      const kept = await keptContacts();
      if (!kept) throw fault;
      return kept;
    }
  },
});

export const requestsQuery = queryOptions({
  queryKey: ["mine", "requests"],
  queryFn: (): Promise<PendingRequests> => api.requests(),
});

export const blockedQuery = queryOptions({
  queryKey: ["mine", "blocked"],
  queryFn: (): Promise<BlockedPerson[]> => api.blocked(),
});

export function searchQuery(text: string) {
  return queryOptions({
    queryKey: ["mine", "search", text],
    queryFn: ({ signal }) => api.searchUsers(text, signal),
    enabled: [...text].length >= limits.SEARCH_MIN,
    staleTime: 10_000,
  });
}

/** Who is online is only known while there is a connection. */
export function useContacts(): Contact[] | undefined {
  const { data } = useQuery(contactsQuery);
  const offline = useCore((state) => state.phase?.type === "offline");
  return useMemo(
    () => (offline ? data?.map((contact) => ({ ...contact, online: false })) : data),
    [data, offline],
  );
}

/** Whether I keep somebody out. */
export function useIsBlocked(userId: string): boolean {
  const { data } = useQuery(blockedQuery);
  return data?.some(({ user_id }) => user_id === userId) ?? false;
}

/** The contacts as they were last seen, nobody online. */
export async function keptContacts(): Promise<Contact[] | null> {
  const kept = (await call("recall", KEPT)) as Contact[] | null;
  return kept?.map((contact) => ({ ...contact, online: false })) ?? null;
}

export async function keepContacts(contacts: Contact[]): Promise<void> {
  await call("keep", KEPT, contacts);
}
