import { showToast } from "@/components/ui/toasts";
import { onCoreEvent } from "@/core/core";
import { useCore } from "@/core/store";
import type { Contact, ContactsUpdated } from "@/protocol.gen";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { displayName } from "./names";
import { contactsQuery, keepContacts, keptContacts, requestsQuery } from "./queries";
import { addContact } from "./use-request-actions";

/** Brings contacts and requests up to date as the server tells of them. */
export function useLivePeople(): void {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const live = useCore((state) => state.phase?.type === "live");

  // Whom one knows is shown before the server has answered.
  useEffect(() => {
    void keptContacts().then((kept) => {
      if (kept && !queries.getQueryData(contactsQuery.queryKey)) {
        queries.setQueryData(contactsQuery.queryKey, kept, { updatedAt: 1 });
      }
    });
  }, [queries]);

  // What happened while there was no connection was not told.
  useEffect(() => {
    if (!live) return;
    void queries.invalidateQueries(contactsQuery);
    void queries.invalidateQueries(requestsQuery);
  }, [live, queries]);

  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type === "friend_request_received") {
          void queries.invalidateQueries(requestsQuery);
          showToast({
            key: event.request.user.user_id,
            text: t("toasts.request", { name: displayName(event.request.user) }),
            action: { label: t("toasts.show"), run: () => void navigate({ to: "/people" }) },
          });
        } else if (event.type === "friend_request_accepted") {
          const { user } = event.request;
          void queries.invalidateQueries(requestsQuery);
          void queries.invalidateQueries(contactsQuery);
          showToast({
            key: user.user_id,
            text: t("toasts.accepted", { name: displayName(user) }),
            action: {
              label: t("toasts.write"),
              run: () => void navigate({ to: "/chat/$id", params: { id: user.user_id } }),
            },
          });
        } else if (event.type === "contacts_updated") {
          const next = applyUpdate(
            queries.getQueryData(contactsQuery.queryKey) ?? [],
            event.update,
          );
          queries.setQueryData(contactsQuery.queryKey, next);
          void keepContacts(next);
          if (event.update.change === "added" || event.update.change === "removed") {
            void queries.invalidateQueries(requestsQuery);
            void queries.invalidateQueries({ queryKey: ["mine", "search"] });
          }
        }
      }),
    [queries, navigate, t],
  );
}

function applyUpdate(contacts: Contact[], { contact, change }: ContactsUpdated): Contact[] {
  if (change === "removed") return contacts.filter(({ user_id }) => user_id !== contact.user_id);
  return addContact(contacts, contact);
}
