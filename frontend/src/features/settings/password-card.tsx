import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { api, ApiError } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { newPasswordError, refusedPassword } from "@/features/auth/new-password";
import { NewPasswordField } from "@/features/auth/new-password-field";
import { PasswordField } from "@/features/auth/password-field";
import { useUser } from "@/features/auth/session";
import { useFailure } from "@/features/auth/use-failure";
import { useFields } from "@/features/auth/use-fields";
import { useStepUp } from "@/features/devices/use-step-up";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { isCancelled } from "./is-cancelled";
import { sessionsQuery } from "./queries";

const nothing = { current: "", password: "" };

/** Another password, by the one that counts until now. */
export function PasswordCard() {
  const { t } = useTranslation();
  const [changed, setChanged] = useState(0);
  return (
    <Card title={t("security.password")} lead={t("security.passwordLead")}>
      {changed > 0 && (
        <div className="mt-4">
          <Notice key={changed} tone="calm" announces>
            {t("security.passwordChanged")}
          </Notice>
        </div>
      )}
      <PasswordForm key={changed} onChanged={() => setChanged((count) => count + 1)} />
    </Card>
  );
}

function PasswordForm({ onChanged }: { onChanged: () => void }) {
  const { t } = useTranslation();
  const user = useUser();
  const queries = useQueryClient();
  const [pending, setPending] = useState(false);
  const failure = useFailure();
  const { confirmed, dialog } = useStepUp();
  const { values, field, check, refuse } = useFields(nothing, {
    current: (value) => (value ? null : t("signIn.passwordRequired")),
    password: (value) => newPasswordError(value, user, t),
  });

  async function submit(form: HTMLFormElement): Promise<void> {
    const wrong = check();
    if (wrong) (form.elements.namedItem(wrong) as HTMLElement | null)?.focus();
    if (wrong || pending) return;
    setPending(true);
    failure.clear();
    try {
      await confirmed(() => api.changePassword(values));
      void queries.invalidateQueries(sessionsQuery);
      onChanged();
    } catch (fault) {
      const refused = refusedPassword(fault, values.password, user, t);
      if (refused) refuse({ password: refused });
      else if (fault instanceof ApiError && fault.code === "invalid-credentials") {
        refuse({ current: t("security.wrongPassword") });
      } else if (!isCancelled(fault)) failure.show(fault);
    } finally {
      setPending(false);
    }
  }

  return (
    <>
      <Form
        validationBehavior="aria"
        className="mt-4 flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        {/* A password manager wants to know whose password this is. */}
        <input type="text" autoComplete="username" value={user.username} readOnly hidden />
        <PasswordField
          {...field("current")}
          label={t("security.currentPassword")}
          autoComplete="current-password"
        />
        <NewPasswordField {...field("password")} owner={user} label={t("forgot.newPassword")} />
        <FormFailure text={failure.text} />
        <div className="flex flex-col md:items-start">
          <Button type="submit" look="primary" isPending={pending} isDisabled={failure.locked}>
            {t("forgot.change")}
          </Button>
        </div>
      </Form>
      {dialog}
    </>
  );
}
