/** The people of a group: contacts, oneself, and others whom one is in a room with. */
import { api } from "@/core/api";
import { useUser } from "@/features/auth/session";
import { keepNames, useNames } from "@/features/chat/use-names";
import { displayName } from "@/features/people/names";
import { useContacts } from "@/features/people/queries";
import type { Contact } from "@/protocol.gen";
import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";

export interface Member {
  user_id: string;
  name: string;
  username: string | null;
  avatar: string | null;
  contact: Contact | null;
  me: boolean;
}

const LONG = 5 * 60_000;

/**
 * Looks people up. The server is asked for those of `members` who are no contacts; it answers for
 * those only whom one is in a room with. Of others the name is known if it ever was.
 */
export function useMembers(members: readonly string[]): (id: string) => Member {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const me = useUser();
  const contacts = useContacts();
  const names = useNames();
  const strangers = contacts
    ? [...new Set(members)].filter(
        (id) => id !== me.user_id && !contacts.some(({ user_id }) => user_id === id),
      )
    : [];
  const profiles = useQueries({
    queries: strangers.map((id) => ({
      queryKey: ["mine", "profile", id],
      queryFn: () => api.profile(id),
      staleTime: LONG,
      retry: false,
    })),
    combine: (results) => results.flatMap(({ data }) => data ?? []),
  });

  // Who leaves cannot be asked for any more.
  useEffect(() => {
    keepNames(queries, Object.fromEntries(profiles.map((it) => [it.user_id, displayName(it)])));
  }, [queries, profiles]);

  const somebody = t("rooms.somebody");
  return useCallback(
    (id: string): Member => {
      const contact = contacts?.find(({ user_id }) => user_id === id) ?? null;
      const person = id === me.user_id ? me : (contact ?? profiles.find((it) => it.user_id === id));
      return {
        user_id: id,
        name: person ? displayName(person) : (names[id] ?? somebody),
        username: person?.username ?? null,
        avatar: person && "avatar" in person ? person.avatar : null,
        contact,
        me: id === me.user_id,
      };
    },
    [contacts, me, profiles, names, somebody],
  );
}
