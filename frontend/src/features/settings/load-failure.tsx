import { Button } from "@/components/ui/button";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useTranslation } from "react-i18next";

interface LoadFailureProps {
  fault: unknown;
  onRetry: () => void;
}

/** What should stand here could not be fetched. */
export function LoadFailure({ fault, onRetry }: LoadFailureProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  return (
    <div className="flex flex-col items-start gap-3">
      <FormFailure text={describe(fault)} />
      <Button size="small" onPress={onRetry}>
        {t("state.retry")}
      </Button>
    </div>
  );
}
