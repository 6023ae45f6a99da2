import { CodeInput } from "@/components/ui/code-input";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { useTranslation } from "react-i18next";
import { FormFailure } from "./form-failure";
import type { useFactorCode } from "./use-factor-code";

export const factorLeads = {
  passkey: "signInCode.passkeyLead",
  totp: "signInCode.totpLead",
  email: "signInCode.emailLead",
  telegram: "signInCode.telegramLead",
  recovery: "signInCode.recoveryLead",
} as const;

/** The one field of a second factor, by the method that was chosen; a passkey needs none. */
export function FactorFields({ factor }: { factor: ReturnType<typeof useFactorCode> }) {
  const { t } = useTranslation();
  const { method, code, setCode, verify, sent, failure } = factor;
  return (
    <>
      {method === "passkey" && <FormFailure text={failure.text} />}
      {method === "recovery" && (
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
      )}
      {method !== "passkey" && method !== "recovery" && (
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
    </>
  );
}
