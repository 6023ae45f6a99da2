import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { api } from "@/core/api";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { changeEnrolment, type Enrolment, postponeResend } from "./enrolment";
import { FormFailure } from "./form-failure";
import { looksLikeEmail } from "./sign-up-rules";
import { useFailure } from "./use-failure";

interface ChangeEmailProps {
  enrolment: Enrolment;
  onDone: () => void;
}

/** Corrects a mistyped address. */
export function ChangeEmail({ enrolment, onDone }: ChangeEmailProps) {
  const { t } = useTranslation();
  const [email, setEmail] = useState(enrolment.email);
  const [wrong, setWrong] = useState(false);
  const [pending, setPending] = useState(false);
  const failure = useFailure();

  async function submit(): Promise<void> {
    const address = email.trim();
    setWrong(!looksLikeEmail(address));
    if (!looksLikeEmail(address)) return;
    setPending(true);
    failure.clear();
    try {
      await api.changeEmail({ enrolment_token: enrolment.token, email: address });
      changeEnrolment({ email: address });
      postponeResend();
      onDone();
    } catch (fault) {
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  return (
    <AuthCard
      pageTitle={t("confirmEmail.pageTitle")}
      title={t("confirmEmail.changeTitle")}
      step={1}
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <TextField
          label={t("confirmEmail.newEmail")}
          type="email"
          autoComplete="email"
          value={email}
          onChange={(value) => {
            setEmail(value);
            setWrong(false);
          }}
          error={wrong ? t("signUp.errors.emailFormat") : null}
          autoFocus
        />
        <FormFailure text={failure.text} />
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {t("confirmEmail.change")}
        </Button>
        <Button look="quiet" wide onPress={onDone}>
          {t("common.back")}
        </Button>
      </Form>
    </AuthCard>
  );
}
