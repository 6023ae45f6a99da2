import { countdown } from "@/lib/format";
import { useCountdown } from "@/lib/use-countdown";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";

interface TimeLeftProps {
  /** Milliseconds since 1970. */
  until: number;
  /** Told once, when it is over. */
  onOver?: () => void;
}

/** How long something that is shown is good for: "1:42". */
export function TimeLeft({ until, onOver }: TimeLeftProps) {
  const { t } = useTranslation();
  const seconds = useCountdown(until);
  const over = seconds === 0;
  const tell = useEffectEvent(() => onOver?.());
  useEffect(() => {
    if (over) tell();
  }, [over]);
  return (
    <p role="timer" className="text-sm text-text-2 tabular-nums">
      {over ? t("timeLeft.over") : t("timeLeft.left", { time: countdown(seconds) })}
    </p>
  );
}
