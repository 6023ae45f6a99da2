import { Button } from "@/components/ui/button";
import { Ring } from "@/components/ui/ring";
import type { HistoryGap } from "@/core/engine.gen";
import { useTranslation } from "react-i18next";

const gaps = {
  no_key: "history.noKey",
  off: "history.off",
  not_kept: "history.notKept",
  unavailable: "history.unavailable",
  damaged: "history.damaged",
  newer: "history.newer",
} as const;

interface OlderLineProps {
  above: "loading" | HistoryGap;
  onRetry: () => void;
}

/** Above the oldest entry that is here: more is on its way, or why there is no more. */
export function OlderLine({ above, onRetry }: OlderLineProps) {
  const { t } = useTranslation();
  return (
    <div
      role="status"
      className="flex flex-col items-center gap-2 px-6 pt-8 pb-2 text-center text-sm text-text-2"
    >
      <p className="flex items-center gap-2">
        {above === "loading" && <Ring size={16} />}
        {t(above === "loading" ? "history.loading" : gaps[above])}
      </p>
      {above === "unavailable" && (
        <Button size="small" onPress={onRetry}>
          {t("history.retry")}
        </Button>
      )}
    </div>
  );
}
