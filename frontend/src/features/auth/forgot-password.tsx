import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/text-field";
import { api } from "@/core/api";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { FormFailure } from "./form-failure";
import { useFailure } from "./use-failure";
import { useFields } from "./use-fields";
import type { Reset } from "./use-reset";

interface ForgotPasswordProps {
  /** Why it has to begin again. */
  again: string | null;
  onSent: (reset: Reset) => void;
}

/** Whose password it is. The answer is the same for everybody. */
export function ForgotPassword({ again, onSent }: ForgotPasswordProps) {
  const { t } = useTranslation();
  const [pending, setPending] = useState(false);
  const failure = useFailure();
  const { values, field, check } = useFields(
    { identifier: "" },
    { identifier: (value) => (value.trim() ? null : t("signIn.identifierRequired")) },
  );

  async function submit(): Promise<void> {
    if (check() || pending) return;
    setPending(true);
    failure.clear();
    try {
      const name = values.identifier.trim();
      const reply = await api.forgotPassword({ identifier: name });
      onSent({ id: reply.reset_id, name });
    } catch (fault) {
      failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  return (
    <AuthCard
      pageTitle={t("forgot.pageTitle")}
      title={t("forgot.title")}
      lead={
        <>
          {t("forgot.lead")}{" "}
          <Link to="/sign-in" className="text-link underline underline-offset-2">
            {t("forgot.back")}
          </Link>
        </>
      }
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
          {...field("identifier")}
          label={t("signIn.identifier")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          autoFocus
        />
        <FormFailure text={failure.text ?? again} />
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {t("forgot.send")}
        </Button>
      </Form>
    </AuthCard>
  );
}
