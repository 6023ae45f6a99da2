import { api } from "@/core/api";
import { contactsQuery, keepContacts } from "@/features/people/queries";
import type { Contact } from "@/protocol.gen";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { forgetConversation } from "./forget";

/** Removes a contact, and the conversation from this device. */
export function useRemoveContact() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: (contact: Contact) => api.removeContact({ user_id: contact.user_id }),
    // Runs to its end although the dialog is gone by then.
    async onSuccess(_, gone) {
      await navigate({ to: "/chat" });
      forgetConversation(gone.user_id);
      const left = (queries.getQueryData(contactsQuery.queryKey) ?? []).filter(
        (contact) => contact.user_id !== gone.user_id,
      );
      queries.setQueryData(contactsQuery.queryKey, left);
      await keepContacts(left);
    },
  });
}
