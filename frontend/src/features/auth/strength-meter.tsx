import { classNames } from "@/lib/class-names";
import { useTranslation } from "react-i18next";
import type { Strength } from "./password-strength";

const tones = ["bg-danger", "bg-danger", "bg-warn", "bg-ok", "bg-ok"] as const;

/** Four marks and a word: colour never carries it alone. */
export function StrengthMeter({ strength }: { strength: Strength }) {
  const { t } = useTranslation();
  const word = t(`signUp.strength.${strength}`);
  return (
    <div
      role="meter"
      aria-label={t("signUp.strength.label")}
      aria-valuemin={0}
      aria-valuemax={4}
      aria-valuenow={strength}
      aria-valuetext={word}
      className="flex items-center gap-3"
    >
      <span className="grid grow grid-cols-4 gap-1">
        {[1, 2, 3, 4].map((mark) => (
          <span
            key={mark}
            className={classNames(
              "h-1 rounded-full transition-colors",
              mark <= Math.max(strength, 1) ? tones[strength] : "bg-edge/30",
            )}
          />
        ))}
      </span>
      <span className="min-w-22 text-right text-sm text-text-2">{word}</span>
    </div>
  );
}
