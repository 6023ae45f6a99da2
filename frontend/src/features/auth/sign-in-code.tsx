import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import type { Method } from "@/protocol.gen";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { FormFailure } from "./form-failure";
import { OtherMethods } from "./other-methods";
import type { Challenge } from "./use-sign-in";
import { useSignInCode } from "./use-sign-in-code";

interface SignInCodeProps {
  challenge: Challenge;
  onStartOver: () => void;
}

type Known = Exclude<Method, "passkey">;
const leads = {
  totp: "signInCode.totpLead",
  email: "signInCode.emailLead",
  telegram: "signInCode.telegramLead",
  recovery: "signInCode.recoveryLead",
} as const satisfies Record<Known, string>;

export function SignInCode({ challenge, onStartOver }: SignInCodeProps) {
  const { t } = useTranslation();
  const { method, choose, code, setCode, verify, sent, pending, failure } =
    useSignInCode(challenge);
  const recovery = method === "recovery";

  return (
    <AuthCard
      pageTitle={t("signInCode.pageTitle")}
      title={t("signInCode.title")}
      lead={t(leads[method])}
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void verify(code);
        }}
      >
        {recovery ? (
          <>
            <TextField
              key="recovery"
              label={t("signInCode.recoveryCode")}
              value={code}
              onChange={setCode}
              autoComplete="off"
              spellCheck="false"
              autoFocus
            />
            <FormFailure text={failure.text} />
          </>
        ) : (
          <CodeInput
            key={method}
            label={t("signInCode.code")}
            value={code}
            onChange={setCode}
            onComplete={(whole) => void verify(whole)}
            error={failure.text}
            autoFocus
          />
        )}
        {sent && (
          <Notice tone="calm" announces>
            {t("signInCode.sent")}
          </Notice>
        )}
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {t("signInCode.submit")}
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
