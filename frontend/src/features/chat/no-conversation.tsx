import { Lamp } from "@/components/drawings/lamp";
import { EmptyState } from "@/components/ui/empty-state";
import { useContacts } from "@/features/people/queries";
import { usePageTitle } from "@/lib/use-page-title";
import { useTranslation } from "react-i18next";
import { NobodyYet } from "./nobody-yet";

/** Beside the list while nothing is chosen. */
export function NoConversation() {
  const { t } = useTranslation();
  usePageTitle(t("chat.pageTitle"));
  const contacts = useContacts();
  return (
    <section className="flex grow bg-canvas">
      {contacts?.length === 0 && <NobodyYet />}
      {contacts && contacts.length > 0 && (
        <EmptyState drawing={<Lamp />} title={t("chat.chooseTitle")}>
          {t("chat.chooseText")}
        </EmptyState>
      )}
    </section>
  );
}
