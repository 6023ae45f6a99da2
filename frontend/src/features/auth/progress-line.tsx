import { classNames } from "@/lib/class-names";
import { useTranslation } from "react-i18next";

/** How far signing up has come, of three steps. */
export function ProgressLine({ step }: { step: 1 | 2 | 3 }) {
  const { t } = useTranslation();
  return (
    <div
      role="img"
      aria-label={t("signUp.progress", { step })}
      className="mb-6 grid grid-cols-3 gap-2"
    >
      {[1, 2, 3].map((part) => (
        <span
          key={part}
          className={classNames(
            "h-1 rounded-full transition-colors duration-200",
            part <= step ? "bg-moss" : "bg-edge/30",
          )}
        />
      ))}
    </div>
  );
}
