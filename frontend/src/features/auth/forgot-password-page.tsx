import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AuthLayout } from "./auth-layout";
import { FactorCard } from "./factor-card";
import { ForgotPassword } from "./forgot-password";
import { ResetPassword } from "./reset-password";
import { type Reset, useReset } from "./use-reset";

/** A forgotten password: the address, the code of the mail with a new password, the second factor. */
export function ForgotPasswordPage() {
  const { t } = useTranslation();
  const [reset, setReset] = useState<Reset | null>(null);
  const startOver = () => setReset(null);
  return (
    <AuthLayout>
      {reset ? (
        <Steps key={reset.id} reset={reset} onStartOver={startOver} />
      ) : (
        <ForgotPassword submitLabel={t("forgot.send")} onSent={setReset} />
      )}
    </AuthLayout>
  );
}

function Steps({ reset, onStartOver }: { reset: Reset; onStartOver: () => void }) {
  const { t } = useTranslation();
  const { challenge, setPassword, answer, ...form } = useReset(reset, onStartOver);
  if (!challenge) {
    return (
      <ResetPassword reset={reset} form={form} onSubmit={setPassword} onStartOver={onStartOver} />
    );
  }
  return (
    <FactorCard
      challenge={challenge}
      action={t("forgot.change")}
      onAnswer={answer}
      onStartOver={onStartOver}
    />
  );
}
