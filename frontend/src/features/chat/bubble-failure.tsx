import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface BubbleFailureProps {
  onRetry: () => void;
  onDiscard: () => void;
}

/** Under what was not sent. */
export function BubbleFailure({ onRetry, onDiscard }: BubbleFailureProps) {
  const { t } = useTranslation();
  const look = "cursor-default font-medium underline underline-offset-2 pointer-coarse:min-h-11";
  return (
    <p className="flex items-center gap-2 px-1 pt-1 text-sm text-danger">
      {t("state.failed")}
      <Button onPress={onRetry} className={look}>
        {t("state.retry")}
      </Button>
      <Button onPress={onDiscard} className={look}>
        {t("state.discard")}
      </Button>
    </p>
  );
}
