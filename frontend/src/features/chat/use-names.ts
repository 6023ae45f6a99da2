import { call } from "@/core/core";
import { displayName } from "@/features/people/names";
import { useContacts } from "@/features/people/queries";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import * as z from "zod/mini";
import type { Names } from "./rows";

const KEPT = "names";
const schema = z.record(z.string(), z.string());
const queryKey = ["mine", "names"];

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
    const next = { ...data };
    for (const contact of contacts) next[contact.user_id] = displayName(contact);
    if (JSON.stringify(next) === JSON.stringify(data)) return;
    queries.setQueryData(queryKey, next);
    void call("keep", KEPT, next);
  }, [data, contacts, queries]);

  return data ?? {};
}
