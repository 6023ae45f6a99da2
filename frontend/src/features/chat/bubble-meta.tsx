import type { Entry } from "@/core/engine.gen";
import { useLocale } from "@/i18n/use-locale";
import { clock, dateTime } from "@/lib/format";
import { TimerIcon } from "@phosphor-icons/react/Timer";
import { useTranslation } from "react-i18next";
import type { Delivery } from "./delivery";
import { Tick } from "./tick";

interface BubbleMetaProps {
  entry: Entry;
  delivery: Delivery | null;
  /** Says "Read" in letters. */
  spellsRead: boolean;
}

/** In a bubble's corner: whether it goes away or was edited, when it was sent, how far it has come. */
export function BubbleMeta({ entry, delivery, spellsRead }: BubbleMetaProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { edited_at, expires_after, expires_at, sent_at } = entry;
  const goes = expires_at && t("timer.goesAt", { time: dateTime(expires_at, locale) });
  return (
    <>
      {expires_after !== undefined && (
        <span title={goes || t("timer.goes")} className="inline-flex">
          <TimerIcon size={13} aria-hidden="true" />
          <span className="sr-only">{goes || t("timer.goes")}</span>
        </span>
      )}
      {edited_at !== undefined && (
        <span title={t("message.editedAt", { time: dateTime(edited_at, locale) })}>
          {t("message.edited")}
        </span>
      )}
      <time dateTime={new Date(sent_at).toISOString()}>{clock(sent_at, locale)}</time>
      {spellsRead && <span>{t("state.read")}</span>}
      {delivery && <Tick delivery={delivery} />}
    </>
  );
}
