import { api, ApiError } from "@/core/api";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { beginEnrolment } from "./enrolment";
import { serverError, signUpRules, type SignUpValues, suggestion } from "./sign-up-rules";
import { useFailure } from "./use-failure";
import { useFields } from "./use-fields";

const blank = { name: "", email: "", username: "", password: "" };

/** The code in an invitation's link. */
function invited(): string {
  return new URLSearchParams(location.search).get("invite") ?? "";
}

export function useSignUp() {
  const { t, i18n } = useTranslation();
  const [pending, setPending] = useState(false);
  const failure = useFailure();
  const [start] = useState((): SignUpValues => ({ ...blank, invite: invited() }));
  const { values, field, check, refuse } = useFields(start, {
    name: (value, all) => signUpRules.name(value, t, all),
    email: (value, all) => signUpRules.email(value, t, all),
    username: (value, all) => signUpRules.username(value, t, all),
    password: (value, all) => signUpRules.password(value, t, all),
    invite: (value, all) => signUpRules.invite(value, t, all),
  });

  async function submit(form: HTMLFormElement): Promise<void> {
    failure.clear();
    const wrong = check();
    if (wrong) {
      focusField(form, wrong);
      return;
    }
    setPending(true);
    try {
      const email = values.email.trim();
      const reply = await api.signup({
        email,
        username: values.username.trim().toLowerCase(),
        password: values.password,
        language: i18n.language,
        ...(values.name.trim() && { name: values.name.trim() }),
        ...(values.invite.trim() && { invite: values.invite.trim() }),
      });
      beginEnrolment({
        token: reply.enrolment_token,
        user_id: reply.user_id,
        email,
        step: "email",
        mfa: reply.mfa,
      });
    } catch (fault) {
      const first = land(fault);
      if (first) focusField(form, first);
      else failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  /** Puts the server's errors at their fields; the first of them, if it named any. */
  function land(fault: unknown): string | null {
    if (!(fault instanceof ApiError)) return null;
    if (fault.code === "username-taken") {
      const free = suggestion(values.username, Math.random());
      refuse({ username: t("signUp.errors.usernameTaken", { suggestion: free }) });
      return "username";
    }
    const errors = (fault.problem.errors ?? []).filter((error) => error.field in values);
    refuse(
      Object.fromEntries(
        errors.map(({ field, code }) => [field, serverError(field, code, values, t)]),
      ),
    );
    return errors[0]?.field ?? null;
  }

  return { values, field, submit, pending, failure };
}

function focusField(form: HTMLFormElement, name: string): void {
  const input = form.elements.namedItem(name);
  if (input instanceof HTMLElement) input.focus();
}
