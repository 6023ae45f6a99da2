import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { useCore } from "@/core/store";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import type { Enrolment } from "./enrolment";
import { KeysLine } from "./keys-line";
import { SecretCard } from "./secret-card";
import { useProtect } from "./use-protect";

/** The second step of signing up: an authenticator app, and its first code. */
export function Protect({ enrolment }: { enrolment: Enrolment }) {
  const { t } = useTranslation();
  const { code, setCode, activate, skip, pending, failure } = useProtect(enrolment);
  const phase = useCore((state) => state.phase);
  const { mfa } = enrolment;

  return (
    <AuthCard
      pageTitle={t("protect.pageTitle")}
      title={t("protect.title")}
      step={2}
      lead={t("protect.lead")}
    >
      {mfa && <SecretCard factor={mfa} />}
      <Form
        className="mt-5 flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          void activate(code);
        }}
      >
        <p className="text-md font-medium" aria-hidden="true">
          {t("protect.codeTitle")}
        </p>
        <CodeInput
          label={t("protect.codeLabel")}
          value={code}
          onChange={setCode}
          onComplete={(whole) => void activate(whole)}
          error={failure.text}
        />
        <Button type="submit" look="primary" wide isPending={pending} isDisabled={failure.locked}>
          {t("protect.submit")}
        </Button>
        {skip && (
          <Button look="quiet" wide onPress={skip}>
            {t("protect.skip")}
          </Button>
        )}
      </Form>
      {enrolment.user_id && <KeysLine ready={phase !== null && phase.type !== "no_keys"} />}
    </AuthCard>
  );
}
