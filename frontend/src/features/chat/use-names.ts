import { call } from "@/core/core";
import { displayName } from "@/features/people/names";
import { useContacts } from "@/features/people/queries";
import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import * as z from "zod/mini";
import type { Names } from "./rows";

const KEPT = "names";
const schema = z.record(z.string(), z.string());
const queryKey = ["mine", "names"];

/** Remembers what people are called whom one may not be able to ask for later. */
export function keepNames(queries: QueryClient, more: Names): void {
  const known = queries.getQueryData<Names>(queryKey);
  if (!known || Object.entries(more).every(([id, name]) => known[id] === name)) return;
  const next = { ...known, ...more };
  queries.setQueryData(queryKey, next);
  void call("keep", KEPT, next);
}

/** What everybody is or was called: a conversation keeps its name when the contact goes. */
export function useNames(): Names {
  const queries = useQueryClient();
  const contacts = useContacts();
  const { data } = useQuery({
    queryKey,
    staleTime: Infinity,
    async queryFn(): Promise<Names> {
      const parsed = schema.safeParse(await call("recall", KEPT));
      return parsed.success ? parsed.data : {};
    },
  });

  useEffect(() => {
    if (!data || !contacts) return;
    const called = contacts.map((contact) => [contact.user_id, displayName(contact)] as const);
    keepNames(queries, Object.fromEntries(called));
  }, [data, contacts, queries]);

  return data ?? {};
}
