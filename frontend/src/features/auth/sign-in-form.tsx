import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { passkeysWork } from "@/core/passkeys";
import { FingerprintIcon } from "@phosphor-icons/react/Fingerprint";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { FormFailure } from "./form-failure";
import { PasswordField } from "./password-field";
import type { SignInReason } from "./sign-in-page";
import { useFields } from "./use-fields";
import { type Challenge, useSignIn } from "./use-sign-in";

interface SignInFormProps {
  because: SignInReason | undefined;
  onChallenge: (challenge: Challenge) => void;
}

const reasons = {
  session: "signIn.sessionOver",
  enrolment: "problems.enrolmentExpired",
  reset: "signIn.afterReset",
  deactivated: "signIn.afterDeactivation",
  deleted: "signIn.afterDeletion",
  erased: "signIn.afterErasing",
} as const satisfies Record<SignInReason, string>;

/** Name and password, or a passkey; says why one has to sign in again. */
export function SignInForm({ because, onChallenge }: SignInFormProps) {
  const { t } = useTranslation();
  const [remember, setRemember] = useState(false);
  const { signIn, signInByPasskey, pending, working, failure } = useSignIn(onChallenge);
  const { values, field, check } = useFields(
    { identifier: "", password: "" },
    {
      identifier: (value) => (value.trim() ? null : t("signIn.identifierRequired")),
      password: (value) => (value ? null : t("signIn.passwordRequired")),
    },
  );

  return (
    <AuthCard
      pageTitle={t("signIn.pageTitle")}
      title={t("signIn.title")}
      lead={
        <>
          {t("signIn.noAccount")}{" "}
          <Link to="/sign-up" className="text-link underline underline-offset-2">
            {t("signIn.signUp")}
          </Link>
        </>
      }
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          const wrong = check();
          if (!wrong) void signIn({ ...values, remember });
          else (event.currentTarget.elements.namedItem(wrong) as HTMLElement | null)?.focus();
        }}
      >
        {because && <Notice tone="calm">{t(reasons[because])}</Notice>}
        <TextField
          {...field("identifier")}
          label={t("signIn.identifier")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
        />
        <PasswordField
          {...field("password")}
          label={t("signIn.password")}
          autoComplete="current-password"
        />
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <Checkbox isSelected={remember} onChange={setRemember}>
            {t("signIn.remember")}
          </Checkbox>
          <Link to="/forgot-password" className="text-md text-link underline underline-offset-2">
            {t("signIn.forgot")}
          </Link>
        </div>
        <FormFailure text={failure.text} />
        <Button
          type="submit"
          look="primary"
          wide
          isPending={pending === "password"}
          isDisabled={failure.locked}
        >
          {t("signIn.submit")}
        </Button>
        {working && (
          <p role="status" className="animate-fade text-center text-md text-text-2">
            {t("signIn.checking")}
          </p>
        )}
        {passkeysWork() && (
          <Button
            wide
            isPending={pending === "passkey"}
            onPress={() => void signInByPasskey(remember)}
          >
            <FingerprintIcon size={20} />
            {t("signIn.passkey")}
          </Button>
        )}
      </Form>
    </AuthCard>
  );
}
