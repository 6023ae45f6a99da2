import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { Notice } from "@/components/ui/notice";
import { countdown } from "@/lib/format";
import { useCountdown } from "@/lib/use-countdown";
import { TerminalWindowIcon } from "@phosphor-icons/react/TerminalWindow";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button as LinkButton, Form } from "react-aria-components";
import { Trans, useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { ChangeEmail } from "./change-email";
import { configQuery } from "./config";
import type { Enrolment } from "./enrolment";
import { useConfirmEmail } from "./use-confirm-email";

const linkLook = "cursor-default text-link underline underline-offset-2 data-disabled:opacity-50";

/** The first step of signing up: the code that was sent by e-mail. */
export function ConfirmEmail({ enrolment }: { enrolment: Enrolment }) {
  const { t } = useTranslation();
  const { data: config } = useQuery(configQuery);
  const [changing, setChanging] = useState(false);
  const { code, setCode, confirm, resend, resent, pending, failure } = useConfirmEmail(enrolment);
  const left = useCountdown(enrolment.resend_at);

  if (changing) return <ChangeEmail enrolment={enrolment} onDone={() => setChanging(false)} />;
  return (
    <AuthCard
      pageTitle={t("confirmEmail.pageTitle")}
      title={t("confirmEmail.title")}
      step={1}
      lead={
        <>
          <Trans
            i18nKey="confirmEmail.sentTo"
            values={{ email: enrolment.email }}
            components={{ b: <b className="font-medium text-text" /> }}
          />{" "}
          <LinkButton className={linkLook} onPress={() => setChanging(true)}>
            {t("confirmEmail.wrongAddress")}
          </LinkButton>
        </>
      }
    >
      <Form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void confirm(code);
        }}
      >
        <CodeInput
          label={t("confirmEmail.code")}
          value={code}
          onChange={setCode}
          onComplete={(whole) => void confirm(whole)}
          error={failure.text}
          autoFocus
        />
        {config?.mail === "console" && (
          <Notice tone="warn" icon={<TerminalWindowIcon size={18} />}>
            {t("confirmEmail.console")}
          </Notice>
        )}
        <p aria-live="polite" className="text-sm text-text-2">
          {resent && `${t("confirmEmail.resent")} `}
          {left > 0 ? (
            <span aria-hidden={resent || undefined}>
              {t("confirmEmail.resendIn", { time: countdown(left) })}
            </span>
          ) : (
            <>
              {t("confirmEmail.resendLead")}{" "}
              <LinkButton className={linkLook} onPress={() => void resend()}>
                {t("confirmEmail.resend")}
              </LinkButton>
              .
            </>
          )}
        </p>
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {t("confirmEmail.submit")}
        </Button>
      </Form>
    </AuthCard>
  );
}
