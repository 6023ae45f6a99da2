import { useLocale } from "@/i18n/use-locale";
import { Nest } from "@/components/drawings/nest";
import { Avatar } from "@/components/ui/avatar";
import { EmptyState } from "@/components/ui/empty-state";
import { classNames } from "@/lib/class-names";
import type { Contact } from "@/protocol.gen";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { ContactMenu } from "./contact-menu";
import { displayName } from "./names";
import { Presence } from "./presence";

/** One's contacts by name; each leads to the conversation. */
export function ContactRows({ contacts }: { contacts: Contact[] }) {
  const { t } = useTranslation();
  const locale = useLocale();
  if (contacts.length === 0) {
    return (
      <EmptyState drawing={<Nest />} title={t("people.noContacts")}>
        {t("people.noContactsText")}
      </EmptyState>
    );
  }
  const sorted = contacts.toSorted((a, b) => displayName(a).localeCompare(displayName(b), locale));
  return (
    <section aria-label={t("people.contacts")}>
      <h2 className="px-2.5 pb-1 text-sm font-medium text-text-2">{t("people.contacts")}</h2>
      <ul className="flex flex-col">
        {sorted.map((contact) => (
          <li key={contact.user_id} className="relative">
            <Link
              to="/chat/$id"
              params={{ id: contact.user_id }}
              className={classNames(
                "flex items-center gap-3 rounded-field py-2 pr-13 pl-2.5 transition hover:bg-selected/60",
                "focus-visible:-outline-offset-2",
              )}
            >
              <Avatar
                name={displayName(contact)}
                picture={contact.avatar}
                online={contact.online}
                ground="sunken"
              />
              <span className="min-w-0 grow">
                <span className="block truncate font-medium">{displayName(contact)}</span>
                <span className="block truncate text-md text-text-2">
                  @{contact.username} · <Presence contact={contact} />
                </span>
              </span>
            </Link>
            <span className="absolute top-1/2 right-1 -translate-y-1/2">
              <ContactMenu contact={contact} />
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
