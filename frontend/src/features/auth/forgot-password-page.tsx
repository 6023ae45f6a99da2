import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AuthLayout } from "./auth-layout";
import { FactorCard } from "./factor-card";
import { ForgotPassword } from "./forgot-password";
import { ResetPassword } from "./reset-password";
import { type Reset, useReset } from "./use-reset";

/** A forgotten password: the address, the code of the mail with a new password, the second factor. */
export function ForgotPasswordPage() {
  const [reset, setReset] = useState<Reset | null>(null);
  const [why, setWhy] = useState<string | null>(null);

  function startOver(reason: string | null): void {
    setWhy(reason);
    setReset(null);
  }

  return (
    <AuthLayout>
      {reset ? (
        <Steps key={reset.id} reset={reset} onStartOver={startOver} />
      ) : (
        <ForgotPassword again={why} onSent={setReset} />
      )}
    </AuthLayout>
  );
}

interface StepsProps {
  reset: Reset;
  /** With the reason, when it was not the person's wish. */
  onStartOver: (why: string | null) => void;
}

function Steps({ reset, onStartOver }: StepsProps) {
  const { t } = useTranslation();
  const { challenge, setPassword, answer, ...form } = useReset(reset, onStartOver);
  if (!challenge) {
    return (
      <ResetPassword
        reset={reset}
        form={form}
        onSubmit={setPassword}
        onStartOver={() => onStartOver(null)}
      />
    );
  }
  return (
    <FactorCard
      challenge={challenge}
      action={t("forgot.change")}
      onAnswer={answer}
      onStartOver={() => onStartOver(null)}
    />
  );
}
