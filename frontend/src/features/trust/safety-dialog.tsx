import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { QrScanner } from "@/components/ui/qr-scanner";
import { call } from "@/core/core";
import { useCore } from "@/core/store";
import { useMembers } from "@/features/rooms/use-members";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { isAlarming, ResultActions, ResultText, resultTitle } from "./comparison-result";
import { PostQuantumLine } from "./post-quantum-line";
import { SafetyNumber } from "./safety-number";
import { useCompare } from "./use-compare";
import { setVerified } from "./use-trust";

interface SafetyDialogProps {
  userId: string;
  onClose: () => void;
}

/** The safety number with a person: shown, scanned, compared by eye, and what came of it. */
export default function SafetyDialog({ userId, onClose }: SafetyDialogProps) {
  const { t } = useTranslation();
  const { name } = useMembers([userId])(userId);
  const safety = useCore((state) => state.safety.get(userId) ?? null);
  const postQuantum = useCore((state) => state.conversations.get(userId)?.post_quantum ?? false);
  const { result, compare, again } = useCompare(userId);
  const [step, setStep] = useState<"number" | "scan" | "differ">("number");

  useEffect(() => void call("command", { type: "show_safety", user_id: userId }), [userId]);

  const came = result ?? (step === "differ" ? "different" : null);
  if (came !== null) {
    // One dialog for all steps: the page behind is out of reach in between, too.
    return (
      <Dialog
        step="result"
        title={resultTitle(came, name, t)}
        warns={isAlarming(came)}
        isOpen
        onClose={onClose}
        actions={
          <ResultActions
            userId={userId}
            result={came}
            onAgain={() => {
              again();
              setStep(step === "differ" ? "number" : "scan");
            }}
            onClose={onClose}
          />
        }
      >
        <ResultText result={came} name={name} />
      </Dialog>
    );
  }

  if (step === "scan") {
    return (
      <Dialog
        step="scan"
        title={t("trust.scanTitle", { name })}
        isOpen
        onClose={onClose}
        actions={<Button onPress={() => setStep("number")}>{t("common.back")}</Button>}
      >
        <p>{t("trust.scanLead", { name })}</p>
        <QrScanner pasteLabel={t("trust.paste", { name })} onText={compare} />
      </Dialog>
    );
  }

  return (
    <Dialog
      step="number"
      title={t("trust.title", { name })}
      isOpen
      onClose={onClose}
      actions={
        <div className="flex w-full flex-col gap-2">
          {safety && !safety.verified && (
            <>
              <Button look="primary" wide onPress={() => setStep("scan")}>
                {t("trust.scan", { name })}
              </Button>
              <Button wide onPress={() => setVerified(userId, safety.account_key, true)}>
                {t("trust.sameByEye")}
              </Button>
              <Button wide onPress={() => setStep("differ")}>
                {t("trust.differByEye")}
              </Button>
            </>
          )}
          {safety?.verified && (
            <>
              <Button wide onPress={() => setStep("scan")}>
                {t("trust.scanAgain")}
              </Button>
              <Button wide onPress={() => setVerified(userId, safety.account_key, false)}>
                {t("trust.unverify")}
              </Button>
            </>
          )}
          <Button look={safety?.verified ? "primary" : "quiet"} wide onPress={onClose}>
            {t("common.close")}
          </Button>
        </div>
      }
    >
      <SafetyNumber name={name} safety={safety} />
      <PostQuantumLine on={postQuantum} />
    </Dialog>
  );
}
