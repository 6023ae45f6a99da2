import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { CodeInput } from "@/components/ui/code-input";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useChangeEmail } from "./use-change-email";

/** Where codes and notices go. */
export function EmailCard() {
  const { t } = useTranslation();
  const user = useUser();
  const [open, setOpen] = useState(false);
  return (
    <Card title={t("signUp.email")} lead={t("security.emailLead")}>
      <div className="mt-3 flex flex-col gap-3 md:flex-row md:items-center md:justify-between">
        <p className="min-w-0 [overflow-wrap:anywhere]">{user.email}</p>
        <Button size="small" onPress={() => setOpen(true)}>
          {t("confirmEmail.changeTitle")}
        </Button>
      </div>
      {open && <EmailDialog onClose={() => setOpen(false)} />}
    </Card>
  );
}

function EmailDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const change = useChangeEmail(onClose);
  const { email, setEmail, wrong, hint, code, setCode, ask, confirm, pending, failure } = change;
  const go = () => void (hint ? confirm(code) : ask());
  return (
    <>
      <Dialog
        warns
        // One question at a time.
        isOpen={change.dialog === null}
        title={t("confirmEmail.changeTitle")}
        onClose={onClose}
        actions={
          <>
            <Button look="primary" isPending={pending} isDisabled={failure.locked} onPress={go}>
              {hint ? t("confirmEmail.submit") : t("confirmEmail.change")}
            </Button>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
          </>
        }
      >
        <Form
          validationBehavior="aria"
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault();
            go();
          }}
        >
          {hint ? (
            <>
              <p>{t("security.emailSent", { email: hint })}</p>
              <CodeInput
                label={t("confirmEmail.code")}
                value={code}
                onChange={setCode}
                onComplete={(whole) => void confirm(whole)}
                error={failure.text}
                autoFocus
              />
            </>
          ) : (
            <>
              <p>{t("security.emailStays")}</p>
              <TextField
                label={t("security.newEmail")}
                type="email"
                autoComplete="email"
                value={email}
                onChange={setEmail}
                error={wrong ? t("signUp.errors.emailFormat") : null}
                autoFocus
              />
              <FormFailure text={failure.text} />
            </>
          )}
        </Form>
      </Dialog>
      {change.dialog}
    </>
  );
}
