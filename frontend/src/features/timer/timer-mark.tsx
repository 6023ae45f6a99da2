import { useLocale } from "@/i18n/use-locale";
import { TimerIcon } from "@phosphor-icons/react/Timer";
import { useTranslation } from "react-i18next";
import { duration } from "./durations";

/** Beside a conversation's name: its messages go away. */
export function TimerMark({ seconds }: { seconds: number | null }) {
  const { t } = useTranslation();
  const locale = useLocale();
  if (seconds === null) return null;
  const words = t("timer.isOn", { time: duration(seconds, locale) });
  return (
    <span title={words} className="inline-flex shrink-0 items-center gap-0.5 text-xs text-text-2">
      <TimerIcon size={14} aria-hidden="true" />
      <span aria-hidden="true">{duration(seconds, locale, "narrow")}</span>
      <span className="sr-only">{words}</span>
    </span>
  );
}
