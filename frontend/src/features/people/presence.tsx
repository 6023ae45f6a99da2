import { useLocale } from "@/i18n/use-locale";
import { ago } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { Contact } from "@/protocol.gen";
import { useTranslation } from "react-i18next";

/** "online", "last seen 5 minutes ago", "offline". */
export function Presence({ contact }: { contact: Contact }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  if (contact.online) return <>{t("chat.online")}</>;
  if (!contact.last_seen) return <>{t("chat.offline")}</>;
  return <>{t("chat.lastSeen", { time: ago(Date.parse(contact.last_seen), now, locale) })}</>;
}
