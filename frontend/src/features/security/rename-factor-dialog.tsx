import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import type { Factor } from "@/protocol.gen";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

/** What the server takes at most, in characters. */
const LONGEST = 64;

interface RenameFactorDialogProps {
  factor: Factor;
  onDone: () => void;
  onClose: () => void;
}

export function RenameFactorDialog({ factor, onDone, onClose }: RenameFactorDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const [label, setLabel] = useState(factor.label);
  const next = label.trim();
  const rename = useMutation({
    mutationFn: () => api.renameFactor(factor.factor_id, { label: next }),
    onSuccess: onDone,
  });
  const go = () => {
    if (next && !rename.isPending) rename.mutate();
  };
  return (
    <Dialog
      isOpen
      title={t("factors.rename")}
      onClose={onClose}
      actions={
        <>
          <Button look="primary" isPending={rename.isPending} isDisabled={!next} onPress={go}>
            {t("common.save")}
          </Button>
          <Button onPress={onClose}>{t("common.cancel")}</Button>
        </>
      }
    >
      <Form
        validationBehavior="aria"
        onSubmit={(event) => {
          event.preventDefault();
          go();
        }}
      >
        <TextField
          label={t("factors.label")}
          value={label}
          onChange={setLabel}
          maxLength={LONGEST}
          autoComplete="off"
          autoFocus
        />
      </Form>
      <FormFailure text={rename.isError ? describe(rename.error) : null} />
    </Dialog>
  );
}
