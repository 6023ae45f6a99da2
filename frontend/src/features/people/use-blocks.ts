import { api } from "@/core/api";
import type { BlockedPerson, Contact } from "@/protocol.gen";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { blockedQuery, contactsQuery, keepContacts, requestsQuery } from "./queries";

/** Somebody as every list knows them. */
export interface Blockable {
  user_id: string;
  username: string;
  name: string | null;
}

/** Keeping people out and letting them back in. */
export function useBlocks() {
  const queries = useQueryClient();

  function refresh(): Promise<unknown> {
    return Promise.all([
      queries.invalidateQueries(blockedQuery),
      queries.invalidateQueries(requestsQuery),
      queries.invalidateQueries(contactsQuery),
      queries.invalidateQueries({ queryKey: ["mine", "search"] }),
    ]);
  }

  const block = useMutation({
    mutationFn: (person: Blockable) => api.block({ user_id: person.user_id }),
    async onSuccess(_, person) {
      const left = withoutPerson(queries.getQueryData(contactsQuery.queryKey) ?? [], person);
      queries.setQueryData(contactsQuery.queryKey, left);
      await keepContacts(left);
    },
    onSettled: refresh,
  });
  const unblock = useMutation({
    mutationFn: (person: Pick<Blockable, "user_id">) => api.unblock({ user_id: person.user_id }),
    onSuccess: (_, person) =>
      queries.setQueryData(blockedQuery.queryKey, (before: BlockedPerson[] | undefined) =>
        before?.filter(({ user_id }) => user_id !== person.user_id),
      ),
    onSettled: refresh,
  });
  return { block, unblock };
}

export function withoutPerson(
  contacts: Contact[],
  { user_id }: Pick<Blockable, "user_id">,
): Contact[] {
  return contacts.filter((contact) => contact.user_id !== user_id);
}
