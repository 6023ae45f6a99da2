import type { Conversation, Entry } from "@/core/engine.gen";
import { useUser } from "@/features/auth/session";
import { bodyLine } from "@/features/chat/body-line";
import { useLocale } from "@/i18n/use-locale";
import { useTranslation } from "react-i18next";
import { eventTexts } from "./event-text";
import { useMembers } from "./use-members";

interface GroupLastLineProps {
  conversation: Conversation;
  entry: Entry;
  look: string;
}

/** The newest of a group, for the list: who said or did what. */
export function GroupLastLine({ conversation, entry, look }: GroupLastLineProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { user_id: me } = useUser();
  const { members, fault } = conversation;
  const asked = fault ? [] : peopleIn(entry).filter((user) => members.includes(user));
  const memberOf = useMembers(asked);
  const nameOf = (user: string) => memberOf(user).name;
  const { body } = entry;
  if (body.type === "room") {
    return <span className={look}>{eventTexts(entry, { t, locale, me, nameOf }).at(-1)}</span>;
  }
  const text = bodyLine(body, false, t);
  const name = entry.mine ? t("rooms.you") : nameOf(entry.sender);
  return <span className={look}>{t("chat.fromOther", { name, text })}</span>;
}

/** Everybody whom an entry names. */
function peopleIn({ sender, body }: Entry): string[] {
  if (body.type !== "room") return [sender];
  const named = body.events.flatMap((event) => {
    if ("users" in event) return event.users;
    return event.type === "roles" ? [...event.granted, ...event.revoked] : [];
  });
  return [sender, ...named];
}
