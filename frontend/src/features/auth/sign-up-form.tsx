import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { TextField } from "@/components/ui/text-field";
import { limits } from "@/protocol.gen";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { configQuery } from "./config";
import { FormFailure } from "./form-failure";
import { PasswordField } from "./password-field";
import { passwordStrength } from "./password-strength";
import { StrengthMeter } from "./strength-meter";
import { useSignUp } from "./use-sign-up";

/** Name, address and password of somebody new. */
export function SignUpForm() {
  const { t } = useTranslation();
  const { data: config } = useQuery(configQuery);
  const { values, field, submit, pending, failure } = useSignUp();
  const closed = config?.signup === "closed";

  return (
    <AuthCard
      pageTitle={t("signUp.pageTitle")}
      title={t("signUp.title")}
      lead={
        <>
          {t("signUp.haveAccount")}{" "}
          <Link to="/sign-in" className="text-link underline underline-offset-2">
            {t("signUp.signIn")}
          </Link>
        </>
      }
    >
      <Form
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        {closed && <Notice>{t("signUp.closed")}</Notice>}
        <TextField
          {...field("name")}
          label={t("signUp.name")}
          aside={t("common.optional")}
          autoComplete="name"
        />
        <TextField
          {...field("email")}
          label={t("signUp.email")}
          type="email"
          inputMode="email"
          autoComplete="email"
          isRequired
        />
        <TextField
          {...field("username")}
          label={t("signUp.username")}
          hint={t("signUp.usernameHint")}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck="false"
          isRequired
        />
        <div className="flex flex-col gap-2">
          <PasswordField
            {...field("password")}
            label={t("signUp.password")}
            autoComplete="new-password"
            isRequired
          />
          {values.password && (
            <StrengthMeter
              strength={passwordStrength(values.password, limits.PASSWORD_MIN, [
                values.username,
                values.name,
                ...values.email.split("@"),
              ])}
            />
          )}
        </div>
        {config?.signup === "invite" && (
          <TextField
            {...field("invite")}
            label={t("signUp.invite")}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
            isRequired
          />
        )}
        <FormFailure text={failure.text} />
        <Button
          type="submit"
          look="primary"
          wide
          isPending={pending}
          isDisabled={closed || failure.locked}
        >
          {t("signUp.submit")}
        </Button>
      </Form>
    </AuthCard>
  );
}
