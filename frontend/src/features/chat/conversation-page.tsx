import { Path } from "@/components/drawings/path";
import { EmptyState } from "@/components/ui/empty-state";
import { dismissToastOf } from "@/components/ui/toasts";
import { useCore } from "@/core/store";
import { displayName } from "@/features/people/names";
import { useContacts } from "@/features/people/queries";
import { GroupPage } from "@/features/rooms/group-page";
import { useParams } from "@tanstack/react-router";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { DirectPage } from "./direct-page";
import { useNames } from "./use-names";

/** One conversation, with a person or a group. */
export function ConversationPage() {
  const { id } = useParams({ from: "/inside/chat/$id" });
  const { t } = useTranslation();
  const contacts = useContacts();
  const names = useNames();
  const conversation = useCore((state) => state.conversations.get(id) ?? null);
  const contact = contacts?.find(({ user_id }) => user_id === id) ?? null;
  const name = contact ? displayName(contact) : names[id];

  // A toast about somebody has done its work when their conversation is open.
  useEffect(() => dismissToastOf(id), [id]);

  if (conversation?.kind === "group") return <GroupPage key={id} conversation={conversation} />;
  if (name) {
    return (
      <DirectPage
        key={id}
        id={id}
        name={name}
        contact={contact}
        closed={contacts !== undefined && !contact}
      />
    );
  }
  if (!contacts || conversation) return <section className="grow" />;
  return (
    <section className="flex grow">
      <EmptyState drawing={<Path />} title={t("chat.removedTitle")}>
        {t("chat.removedText")}
      </EmptyState>
    </section>
  );
}
