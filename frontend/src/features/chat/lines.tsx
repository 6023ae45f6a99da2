import { useLocale } from "@/i18n/use-locale";
import { dayName, daysBetween } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { useTranslation } from "react-i18next";

/** Today, Yesterday, Tuesday, 4 March 2026. */
export function DayLine({ time }: { time: number }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow(60_000);
  const words = daysBetween(time, now) <= 0 ? t("chat.today") : t("chat.yesterday");
  return (
    <div className="flex justify-center pt-4 pb-1">
      <span className="rounded-full bg-sunken px-3 py-1 text-xs font-medium text-text-2 first-letter:uppercase">
        {dayName(time, now, locale) ?? words}
      </span>
    </div>
  );
}

export function NewLine() {
  const { t } = useTranslation();
  return (
    <div className="flex items-center gap-3 pt-4 pb-1 text-xs font-medium text-moss-text">
      <span className="h-px grow bg-moss/40" />
      {t("chat.newLine")}
      <span className="h-px grow bg-moss/40" />
    </div>
  );
}

/** In place of entries that were stored here and do not open any more. */
export function DamagedLine({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <p className="px-6 pt-3.5 text-center text-sm text-text-2">{t("chat.damaged", { count })}</p>
  );
}

/** Above the very first message. */
export function StartLine({ name, group }: { name: string; group: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col items-center gap-1 px-6 pt-10 pb-2 text-center text-sm text-text-2">
      <p>{t(group ? "rooms.start" : "chat.start", { name })}</p>
      <p>{t(group ? "rooms.startHint" : "chat.startHint")}</p>
    </div>
  );
}
