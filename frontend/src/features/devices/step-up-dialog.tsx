import { Button } from "@/components/ui/button";
import { CodeInput } from "@/components/ui/code-input";
import { Dialog } from "@/components/ui/dialog";
import { api } from "@/core/api";
import { onCoreEvent } from "@/core/core";
import { useFailure } from "@/features/auth/use-failure";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

/** Asks for a fresh second factor when the server wants one, then goes on. */
export function StepUpDialog({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [challenge, setChallenge] = useState<string | null>(null);
  const [code, setCode] = useState("");
  const [pending, setPending] = useState(false);
  const failure = useFailure();

  useEffect(
    () =>
      onCoreEvent((event) => {
        if (event.type === "step_up") setChallenge(event.challenge_id);
      }),
    [],
  );

  async function confirm(whole: string): Promise<void> {
    if (challenge === null || pending || whole.length < 6) return;
    setPending(true);
    failure.clear();
    try {
      await api.stepUp({ challenge_id: challenge, method: "totp", code: whole });
      setChallenge(null);
      onDone();
    } catch (fault) {
      failure.show(fault);
    } finally {
      setCode("");
      setPending(false);
    }
  }

  return (
    <Dialog
      warns
      title={t("signInCode.title")}
      isOpen={challenge !== null}
      onClose={() => setChallenge(null)}
      actions={
        <>
          <Button
            look="primary"
            isPending={pending}
            isDisabled={code.length < 6 || failure.locked}
            onPress={() => void confirm(code)}
          >
            {t("unlock.confirm")}
          </Button>
          <Button onPress={() => setChallenge(null)}>{t("common.cancel")}</Button>
        </>
      }
    >
      <p>{t("unlock.stepUp")}</p>
      <CodeInput
        label={t("signInCode.code")}
        value={code}
        onChange={setCode}
        onComplete={(whole) => void confirm(whole)}
        error={failure.text}
        autoFocus
      />
    </Dialog>
  );
}
