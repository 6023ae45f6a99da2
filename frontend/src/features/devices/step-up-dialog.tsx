import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { api } from "@/core/api";
import type { FactorChallenge } from "@/features/auth/challenge";
import { FactorFields, factorLeads } from "@/features/auth/factor-fields";
import { OtherMethods } from "@/features/auth/other-methods";
import { useFactorCode } from "@/features/auth/use-factor-code";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface StepUpDialogProps {
  challenge: FactorChallenge;
  onDone: () => void;
  onCancel: () => void;
}

/** Asks for a fresh second factor, because the server wants one. */
export function StepUpDialog({ challenge, onDone, onCancel }: StepUpDialogProps) {
  const { t } = useTranslation();
  const factor = useFactorCode(challenge, async (given) => {
    await api.stepUp(given);
    onDone();
  });
  const { method, choose, code, verify, pending, failure } = factor;
  return (
    <Dialog
      warns
      isOpen
      title={t("stepUp.title")}
      onClose={onCancel}
      actions={
        <>
          <Button
            look="primary"
            isPending={pending}
            isDisabled={failure.locked}
            onPress={() => void verify(code)}
          >
            {t(method === "passkey" ? "signInCode.usePasskey" : "stepUp.confirm")}
          </Button>
          <Button onPress={onCancel}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>
        {t(method === "passkey" ? "stepUp.passkeyLead" : "stepUp.lead")} {t(factorLeads[method])}
      </p>
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault();
          void verify(code);
        }}
      >
        <FactorFields factor={factor} />
        <OtherMethods
          methods={challenge.methods}
          current={method}
          onChoose={(next) => void choose(next)}
        />
      </Form>
    </Dialog>
  );
}
