import type { Entry } from "@/core/engine.gen";
import { useUser } from "@/features/auth/session";
import { KeysChangedHint } from "@/features/trust/keys-changed-hint";
import { useLocale } from "@/i18n/use-locale";
import { useTranslation } from "react-i18next";
import { eventTexts } from "./event-text";

interface EventLineProps {
  entry: Entry;
  nameOf: (user: string) => string;
}

/** What became of a group, between the messages. */
export function EventLine({ entry, nameOf }: EventLineProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { user_id: me } = useUser();
  return (
    <div className="flex flex-col items-center px-6 pt-3.5 text-center text-sm text-text-2">
      {eventTexts(entry, { t, locale, me, nameOf }).map((text) => (
        <p key={text} className="[overflow-wrap:anywhere]">
          {text}
        </p>
      ))}
      {entry.body.type === "room" &&
        entry.body.events.map(
          (event) =>
            event.type === "keys_changed" && (
              <KeysChangedHint key={event.user} userId={event.user} />
            ),
        )}
    </div>
  );
}
