import { NameDialog } from "@/components/ui/name-dialog";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import type { Factor } from "@/protocol.gen";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

/** What the server takes at most, in characters. */
const LONGEST = 64;

interface RenameFactorDialogProps {
  factor: Factor;
  onDone: () => void;
  onClose: () => void;
}

/** Gives a second factor another name. */
export function RenameFactorDialog({ factor, onDone, onClose }: RenameFactorDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const rename = useMutation({
    mutationFn: (label: string) => api.renameFactor(factor.factor_id, { label }),
    onSuccess: onDone,
  });
  return (
    <NameDialog
      title={t("factors.rename")}
      label={t("factors.label")}
      name={factor.label}
      longest={LONGEST}
      pending={rename.isPending}
      onSave={(label) => rename.mutate(label)}
      onClose={onClose}
    >
      <FormFailure text={rename.isError ? describe(rename.error) : null} />
    </NameDialog>
  );
}
