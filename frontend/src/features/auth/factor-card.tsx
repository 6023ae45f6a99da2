import { Button } from "@/components/ui/button";
import type { ReactNode } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import type { FactorChallenge } from "./challenge";
import { FactorFields, factorLeads } from "./factor-fields";
import { OtherMethods } from "./other-methods";
import { type FactorAnswer, useFactorCode } from "./use-factor-code";

interface FactorCardProps {
  challenge: FactorChallenge;
  /** What the button says. */
  action: string;
  onAnswer: (given: FactorAnswer) => Promise<void>;
  onStartOver: () => void;
  /** Stands above the button. */
  children?: ReactNode;
}

/** The second factor, on the way in. */
export function FactorCard({
  challenge,
  action,
  onAnswer,
  onStartOver,
  children,
}: FactorCardProps) {
  const { t } = useTranslation();
  const factor = useFactorCode(challenge, onAnswer);
  const { method, choose, code, verify, pending, failure } = factor;
  return (
    <AuthCard
      pageTitle={t("signInCode.pageTitle")}
      title={t(method === "passkey" ? "signInCode.passkeyTitle" : "signInCode.title")}
      lead={t(factorLeads[method])}
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void verify(code);
        }}
      >
        <FactorFields factor={factor} />
        {children}
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {method === "passkey" ? t("signInCode.usePasskey") : action}
        </Button>
        <OtherMethods
          methods={challenge.methods}
          current={method}
          onChoose={(next) => void choose(next)}
          onStartOver={onStartOver}
        />
      </Form>
    </AuthCard>
  );
}
