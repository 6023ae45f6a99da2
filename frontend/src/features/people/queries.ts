/** Contacts and requests, as the server has them; contacts are kept for times without it. */
import { api, NetworkError } from "@/core/api";
import { call } from "@/core/core";
import { useCore } from "@/core/store";
import type { Contact, PendingRequests } from "@/protocol.gen";
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
      const kept = fault instanceof NetworkError ? await keptContacts() : null;
      if (kept) return kept.map((contact) => ({ ...contact, online: false }));
      throw fault;
    }
  },
});

export const requestsQuery = queryOptions({
  queryKey: ["mine", "requests"],
  queryFn: (): Promise<PendingRequests> => api.requests(),
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

export async function keptContacts(): Promise<Contact[] | null> {
  return (await call("recall", KEPT)) as Contact[] | null;
}

export async function keepContacts(contacts: Contact[]): Promise<void> {
  await call("keep", KEPT, contacts);
}
