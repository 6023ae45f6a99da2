import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { recover, WrongRecoveryKey } from "@/core/account";
import type { RecoveryFailure } from "@/core/engine.gen";
import { AuthCard } from "@/features/auth/auth-card";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import type { TFunction } from "i18next";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { confirmed } from "./confirmed";
import { StepUpCancelled } from "./use-step-up";

/** The key's groups of five. */
const GROUPS = 8;

/** Lets this browser in by the recovery key. */
export function UnlockByKey({ onBack }: { onBack: () => void }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const [key, setKey] = useState("");
  const unlock = useMutation({
    mutationFn: () => confirmed(() => recover(user.user_id, key.trim())),
  });
  const { error } = unlock;
  const typed = error instanceof WrongRecoveryKey ? recoveryFailureText(error.reason, t) : null;
  const other = error && typed === null && !(error instanceof StepUpCancelled);

  return (
    <AuthCard
      pageTitle={t("unlock.pageTitle")}
      title={t("unlock.keyTitle")}
      lead={t("unlock.keyLead")}
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (key.trim() && !unlock.isPending) unlock.mutate();
        }}
      >
        <TextField
          label={t("recovery.key")}
          hint={t("unlock.keyHint")}
          value={key}
          onChange={(next) => {
            setKey(next);
            if (!unlock.isPending) unlock.reset();
          }}
          error={typed}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
        />
        <FormFailure text={other ? describe(error) : null} />
        <Button
          type="submit"
          look="primary"
          wide
          isPending={unlock.isPending}
          isDisabled={!key.trim()}
        >
          {t("unlock.keySubmit")}
        </Button>
        <Button look="quiet" wide onPress={onBack}>
          {t("unlock.otherWay")}
        </Button>
      </Form>
    </AuthCard>
  );
}

export function recoveryFailureText(reason: RecoveryFailure, t: TFunction): string {
  switch (reason.type) {
    case "typo":
      return reason.group > GROUPS
        ? t("recovery.tooLong")
        : t("recovery.typo", { group: reason.group });
    case "wrong":
      return t("recovery.wrong");
    case "none":
      return t("recovery.noneKept");
    case "newer":
      return t("recovery.newer");
    case "other_keys":
      return t("recovery.otherKeys");
  }
}
