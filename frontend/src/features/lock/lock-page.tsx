import { Lamp } from "@/components/drawings/lamp";
import { Button } from "@/components/ui/button";
import { unlock, WrongPassphrase } from "@/core/lock/lock";
import { useCore } from "@/core/store";
import { AuthCard } from "@/features/auth/auth-card";
import { AuthLayout } from "@/features/auth/auth-layout";
import { FormFailure } from "@/features/auth/form-failure";
import { PasswordField } from "@/features/auth/password-field";
import { forgetAnswers } from "@/features/auth/session";
import { SignOutDialog } from "@/features/auth/sign-out-dialog";
import { countdown } from "@/lib/format";
import { useCountdown } from "@/lib/use-countdown";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { ForgotDialog } from "./forgot-dialog";
import { otherText, wrongText } from "./lock-text";

/** Nothing of the account is open before the passphrase is given. */
export function LockPage() {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const lock = useCore((state) => state.lock);
  const [asking, setAsking] = useState<"forgot" | "leave" | null>(null);
  const [typed, setTyped] = useState("");
  const [empty, setEmpty] = useState(false);
  const [pending, setPending] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  useEffect(() => forgetAnswers(queries), [queries]);

  const told = lock?.type === "locked" ? lock.retry_at : null;
  const until = fault instanceof WrongPassphrase ? fault.retryAt : told;
  const wait = useCountdown(until);

  async function submit(form: HTMLFormElement): Promise<void> {
    if (pending || wait > 0 || lock?.type !== "locked") return;
    setEmpty(typed === "");
    (form.elements.namedItem("passphrase") as HTMLElement | null)?.focus();
    if (!typed) return;
    setPending(true);
    setFault(null);
    // It stays here no longer than it is needed.
    setTyped("");
    try {
      // What it opens takes the place of this page.
      await unlock(typed, lock.kdf);
    } catch (failure) {
      setFault(failure);
      setPending(false);
    }
  }

  const error = empty ? t("lock.required") : typed ? null : wrongText(fault, t);
  return (
    <AuthLayout>
      <AuthCard pageTitle={t("lock.pageTitle")} title={t("lock.title")} lead={t("lock.lead")}>
        <div className="flex flex-col gap-5">
          <div className="flex justify-center">
            <Lamp />
          </div>
          <Form
            validationBehavior="aria"
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              void submit(event.currentTarget);
            }}
          >
            <PasswordField
              name="passphrase"
              label={t("lock.passphrase")}
              value={typed}
              onChange={(value) => {
                setTyped(value);
                setEmpty(false);
              }}
              error={error}
              // A password manager would keep it beside what it opens.
              autoComplete="off"
              autoFocus
            />
            <FormFailure text={otherText(fault, t)} />
            {wait > 0 && (
              <p role="timer" className="text-md text-text-2 tabular-nums">
                {t("lock.wait", { time: countdown(wait) })}
              </p>
            )}
            <Button type="submit" look="primary" wide isPending={pending} isDisabled={wait > 0}>
              {t("lock.unlock")}
            </Button>
          </Form>
          <div className="flex flex-col gap-1">
            <Button look="quiet" wide onPress={() => setAsking("forgot")}>
              {t("lock.forgot")}
            </Button>
            <Button look="quiet" wide onPress={() => setAsking("leave")}>
              {t("signOut.action")}
            </Button>
          </div>
        </div>
      </AuthCard>
      <ForgotDialog isOpen={asking === "forgot"} onClose={() => setAsking(null)} />
      <SignOutDialog isOpen={asking === "leave"} onClose={() => setAsking(null)} />
    </AuthLayout>
  );
}
