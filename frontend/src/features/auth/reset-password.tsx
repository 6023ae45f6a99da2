import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { Notice } from "@/components/ui/notice";
import { TerminalWindowIcon } from "@phosphor-icons/react/TerminalWindow";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { Trans, useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { configQuery } from "./config";
import { FormFailure } from "./form-failure";
import { newPasswordError, ownerOf, refusedPassword } from "./new-password";
import { NewPasswordField } from "./new-password-field";
import { useFields } from "./use-fields";
import type { Reset, useReset } from "./use-reset";

interface ResetPasswordProps {
  reset: Reset;
  form: Pick<ReturnType<typeof useReset>, "pending" | "failure">;
  /** Throws what the server refused. */
  onSubmit: (code: string, password: string) => Promise<void>;
  onStartOver: () => void;
}

/** The code of the mail and the new password. */
export function ResetPassword({ reset, form, onSubmit, onStartOver }: ResetPasswordProps) {
  const { t } = useTranslation();
  const { data: config } = useQuery(configQuery);
  const { pending, failure } = form;
  const [code, setCode] = useState("");
  const [short, setShort] = useState(false);
  const owner = ownerOf(reset.name);
  const { values, field, check, refuse } = useFields(
    { password: "" },
    { password: (value) => newPasswordError(value, owner, t) },
  );
  const [refused, setRefused] = useState(false);

  async function submit(): Promise<void> {
    const wrong = check();
    setShort(code.length < 6);
    if (wrong || pending || code.length < 6) return;
    try {
      setRefused(false);
      await onSubmit(code, values.password);
    } catch (fault) {
      const text = refusedPassword(fault, values.password, owner, t);
      setRefused(text !== null);
      if (text) refuse({ password: text });
      else setCode("");
    }
  }

  return (
    <AuthCard
      pageTitle={t("forgot.pageTitle")}
      title={t("confirmEmail.title")}
      lead={
        <Trans
          i18nKey="forgot.sentTo"
          values={{ name: reset.name }}
          components={{ b: <b className="font-medium text-text" /> }}
        />
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
        <CodeInput
          label={t("confirmEmail.code")}
          value={code}
          onChange={(next) => {
            setCode(next);
            setShort(false);
            if (!failure.locked) failure.clear();
          }}
          onComplete={() => undefined}
          error={short ? t("problems.codeShort") : null}
          autoFocus
        />
        {config?.mail === "console" && (
          <Notice tone="warn" icon={<TerminalWindowIcon size={18} />}>
            {t("confirmEmail.console")}
          </Notice>
        )}
        <NewPasswordField {...field("password")} owner={owner} label={t("forgot.newPassword")} />
        <FormFailure text={refused ? null : failure.text} />
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {t("forgot.change")}
        </Button>
        <Button look="quiet" size="small" wide onPress={onStartOver}>
          {t("forgot.again")}
        </Button>
      </Form>
    </AuthCard>
  );
}
