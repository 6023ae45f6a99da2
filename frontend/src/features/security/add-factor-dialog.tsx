import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { Dialog } from "@/components/ui/dialog";
import { Skeleton } from "@/components/ui/skeleton";
import { deviceName } from "@/core/device-name";
import { FormFailure } from "@/features/auth/form-failure";
import { SecretCard } from "@/features/auth/secret-card";
import type { AddedFactor, FactorKind } from "@/protocol.gen";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { kinds } from "./kinds";
import { TelegramLink } from "./telegram-link";
import { useAddFactor } from "./use-add-factor";

interface AddFactorDialogProps {
  kind: FactorKind;
  /** Labels that others have. */
  taken: string[];
  onDone: () => void;
  onClose: () => void;
}

const leads = {
  passkey: "factors.passkeyLead",
  totp: "protect.lead",
  email: "factors.emailLead",
  telegram: "factors.telegramLead",
} as const;

/** One more way to confirm a sign-in. */
export function AddFactorDialog({ kind, taken, onDone, onClose }: AddFactorDialogProps) {
  const { t } = useTranslation();
  const own = kind === "passkey" ? deviceName(navigator.userAgent) : t(kinds[kind].name);
  const add = useAddFactor(kind, unused(own, taken), { onDone, onClose });
  const { factor, code, setCode, begin, activate, cancel, pending, failure, dialog } = add;
  const waits = kind === "passkey" || !factor;
  const go = () => void (waits ? begin() : activate(code));
  return (
    <>
      <Dialog
        // One question at a time.
        isOpen={dialog === null}
        warns
        title={t(kinds[kind].add)}
        onClose={cancel}
        actions={
          <>
            <Button look="primary" isPending={pending} isDisabled={failure.locked} onPress={go}>
              {t(goLabel(kind, waits, failure.text !== null))}
            </Button>
            <Button onPress={cancel}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t(leads[kind], { email: factor?.recipient_hint ?? "…" })}</p>
        {waits ? (
          <>
            {kind !== "passkey" && pending && (
              <div role="status" aria-label={t("common.loading")}>
                <Skeleton className="h-40 w-full rounded-field" />
              </div>
            )}
            <FormFailure text={failure.text} />
          </>
        ) : (
          <Form
            validationBehavior="aria"
            className="flex flex-col gap-4"
            onSubmit={(event) => {
              event.preventDefault();
              go();
            }}
          >
            <Shown factor={factor} />
            {kind === "totp" && (
              <p className="text-md font-medium text-text" aria-hidden="true">
                {t("protect.codeTitle")}
              </p>
            )}
            <CodeInput
              label={t(kind === "totp" ? "protect.codeLabel" : "signInCode.code")}
              value={code}
              onChange={setCode}
              onComplete={(whole) => void activate(whole)}
              error={failure.text}
              autoFocus
            />
          </Form>
        )}
      </Dialog>
      {dialog}
    </>
  );
}

function Shown({ factor }: { factor: AddedFactor }) {
  const { uri, secret, qr_svg } = factor;
  if (!uri || !secret || !qr_svg) return null;
  if (factor.kind === "telegram") return <TelegramLink uri={uri} qr={qr_svg} />;
  return <SecretCard factor={{ factor_id: factor.factor_id, otpauth_uri: uri, secret, qr_svg }} />;
}

function goLabel(kind: FactorKind, waits: boolean, failed: boolean) {
  if (waits && failed) return "state.retry";
  return kind === "passkey" ? "factors.makePasskey" : "protect.submit";
}

/** "Phone", "Phone 2", … */
export function unused(label: string, taken: string[]): string {
  let next = label;
  for (let number = 2; taken.includes(next); number++) next = `${label} ${number}`;
  return next;
}
