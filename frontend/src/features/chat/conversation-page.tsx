import { dismissToastOf } from "@/components/ui/toasts";
import { useMedia } from "@/lib/use-media";
import { useContacts } from "@/features/people/queries";
import { useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { ConversationPane } from "./conversation-pane";
import { DetailsPane } from "./details-pane";
import { useNames } from "./use-names";
import { displayName } from "@/features/people/names";
import { EmptyState } from "@/components/ui/empty-state";
import { Path } from "@/components/drawings/path";
import { useTranslation } from "react-i18next";
import { useCore } from "@/core/store";

/** One conversation and, where there is room or on demand, its details. */
export function ConversationPage() {
  const { id } = useParams({ from: "/inside/chat/$id" });
  const { t } = useTranslation();
  const contacts = useContacts();
  const names = useNames();
  const known = useCore((state) => state.conversations.has(id));
  const wide = useMedia("(min-width: 80rem)");
  const [details, setDetails] = useState<boolean | null>(null);
  const contact = contacts?.find(({ user_id }) => user_id === id) ?? null;
  const name = contact ? displayName(contact) : names[id];
  const open = details ?? wide;

  // A toast about somebody has done its work when their conversation is open.
  useEffect(() => dismissToastOf(id), [id]);

  if (!name) {
    if (!contacts || known) return <section className="grow" />;
    return (
      <section className="flex grow">
        <EmptyState drawing={<Path />} title={t("chat.removedTitle")}>
          {t("chat.removedText")}
        </EmptyState>
      </section>
    );
  }
  return (
    <>
      <ConversationPane
        key={id}
        id={id}
        name={name}
        contact={contact}
        closed={contacts !== undefined && !contact}
        detailsOpen={open}
        onDetails={() => setDetails(!open)}
      />
      {open && contact && (
        <DetailsPane contact={contact} overlay={!wide} onClose={() => setDetails(false)} />
      )}
    </>
  );
}
