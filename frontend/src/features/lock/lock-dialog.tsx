import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import type { Kdf } from "@/core/lock/kdf";
import { changeLock, removeLock, setLock, WrongPassphrase } from "@/core/lock/lock";
import { FormFailure } from "@/features/auth/form-failure";
import { PasswordField } from "@/features/auth/password-field";
import { passwordStrength } from "@/features/auth/password-strength";
import { useUser } from "@/features/auth/session";
import { StrengthMeter } from "@/features/auth/strength-meter";
import { useFields } from "@/features/auth/use-fields";
import { countdown } from "@/lib/format";
import { useCountdown } from "@/lib/use-countdown";
import { useId, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { newPassphraseError, otherText, SHORTEST } from "./lock-text";

export type LockChange = { how: "set" } | { how: "change" | "remove"; kdf: Kdf };

interface LockDialogProps {
  change: LockChange;
  onClose: () => void;
  onDone: () => void;
}

const nothing = { current: "", next: "", again: "" };

/** Sets, changes or removes the passphrase. What was typed goes with the dialog. */
export function LockDialog({ change, onClose, onDone }: LockDialogProps) {
  const { t } = useTranslation();
  const id = useId();
  const user = useUser();
  const personal = [user.username, ...user.email.split("@")];
  const [pending, setPending] = useState(false);
  const [fault, setFault] = useState<unknown>(null);
  const wait = useCountdown(fault instanceof WrongPassphrase ? fault.retryAt : null);
  const asksCurrent = change.how !== "set";
  const asksNew = change.how !== "remove";
  const { values, field, check, refuse } = useFields(nothing, {
    current: (value) => (asksCurrent && !value ? t("lock.required") : null),
    next: (value) => (asksNew ? newPassphraseError(value, personal, t) : null),
    again: (value, all) => (asksNew && value !== all.next ? t("lock.differs") : null),
  });

  async function submit(form: HTMLFormElement): Promise<void> {
    const wrong = check();
    if (wrong) (form.elements.namedItem(wrong) as HTMLElement | null)?.focus();
    if (wrong || pending || wait > 0) return;
    setPending(true);
    setFault(null);
    try {
      if (change.how === "set") await setLock(values.next);
      else if (change.how === "change") await changeLock(values.current, change.kdf, values.next);
      else await removeLock(values.current, change.kdf);
      onDone();
    } catch (failure) {
      if (failure instanceof WrongPassphrase) refuse({ current: t("lock.wrong") });
      setFault(failure);
    } finally {
      setPending(false);
    }
  }

  const titles = {
    set: "lock.setTitle",
    change: "lock.changeTitle",
    remove: "lock.removeTitle",
  } as const;
  const actions = { set: "lock.set", change: "lock.change", remove: "lock.removeAction" } as const;
  return (
    <Dialog
      warns
      title={t(titles[change.how])}
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button
            type="submit"
            form={id}
            look={asksNew ? "primary" : "danger"}
            isPending={pending}
            isDisabled={wait > 0}
          >
            {t(actions[change.how])}
          </Button>
          <Button onPress={onClose} isDisabled={pending}>
            {t("common.cancel")}
          </Button>
        </>
      }
    >
      {change.how === "set" && <p>{t("lock.setText")}</p>}
      {change.how === "remove" && <p>{t("lock.removeText")}</p>}
      <Form
        id={id}
        validationBehavior="aria"
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(event.currentTarget);
        }}
      >
        {asksCurrent && (
          <PasswordField
            {...field("current")}
            label={t("lock.current")}
            autoComplete="off"
            autoFocus
          />
        )}
        {asksNew && (
          <>
            <div className="flex flex-col gap-2">
              <PasswordField
                {...field("next")}
                label={t("lock.new")}
                autoComplete="off"
                autoFocus={!asksCurrent}
              />
              {values.next && (
                <StrengthMeter strength={passwordStrength(values.next, SHORTEST, personal)} />
              )}
            </div>
            <PasswordField {...field("again")} label={t("lock.repeat")} autoComplete="off" />
          </>
        )}
        <FormFailure text={otherText(fault, t)} />
        {wait > 0 && (
          <p role="timer" className="text-md tabular-nums">
            {t("lock.wait", { time: countdown(wait) })}
          </p>
        )}
      </Form>
      {asksNew && <Notice>{t("lock.setWarning")}</Notice>}
    </Dialog>
  );
}
