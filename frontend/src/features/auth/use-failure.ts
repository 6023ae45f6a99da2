import { ApiError } from "@/core/api";
import { durationText, useProblemText } from "@/i18n/problem-text";
import { useCountdown } from "@/lib/use-countdown";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** What went wrong last, in words; a lock counts down and then goes away by itself. */
export function useFailure() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const [fault, setFault] = useState<unknown>(null);
  const [short, setShort] = useState(false);
  const [until, setUntil] = useState<number | null>(null);
  const left = useCountdown(until);
  const waits = fault instanceof ApiError && isWait(fault);
  const locked = waits && left > 0;

  let text: string | null = short ? t("problems.codeShort") : null;
  if (waits && locked) {
    const key = fault.code === "locked" ? "problems.locked" : "problems.rateLimited";
    text = t(key, { time: durationText(left, t) });
  } else if (fault !== null && !waits) text = describe(fault);

  return {
    text,
    locked,
    show(next: unknown) {
      setFault(next);
      setShort(false);
      const wait = next instanceof ApiError && isWait(next);
      setUntil(wait ? Date.now() + (next.problem.retry_after ?? 60) * 1000 : null);
    },
    /** The code has too few digits to be asked about. */
    showShort: () => setShort(true),
    clear() {
      setFault(null);
      setShort(false);
    },
  };
}

function isWait(fault: ApiError): boolean {
  return fault.code === "locked" || fault.code === "rate-limited";
}
