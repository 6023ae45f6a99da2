import { useLocale } from "@/i18n/use-locale";
import { CaretRightIcon } from "@phosphor-icons/react/CaretRight";
import { TimerIcon } from "@phosphor-icons/react/Timer";
import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { duration } from "./durations";

interface TimerRowProps {
  seconds: number | null;
  /** Opens the choice; without it others choose. */
  onChoose: (() => void) | null;
}

/** In the details of a conversation: whether its messages go away. */
export function TimerRow({ seconds, onChoose }: TimerRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const row = (
    <>
      <TimerIcon size={20} aria-hidden="true" className="shrink-0 text-text-2" />
      <span className="min-w-0 grow text-left">
        <span className="block font-medium">{t("timer.title")}</span>
        <span className="block text-text-2">
          {seconds === null ? t("timer.off") : duration(seconds, locale)}
        </span>
      </span>
    </>
  );
  const look = "flex min-h-14 w-full items-center gap-3 rounded-field px-4 py-2 text-md";
  if (!onChoose) return <div className={look}>{row}</div>;
  return (
    <Button
      onPress={onChoose}
      className={`${look} cursor-default border border-line data-hovered:bg-sunken`}
    >
      {row}
      <CaretRightIcon size={16} aria-hidden="true" className="shrink-0 text-text-3" />
    </Button>
  );
}
