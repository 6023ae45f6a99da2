import { Button } from "@/components/ui/button";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { BackupCodes } from "./backup-codes";

interface SaveKitProps {
  codes: string[];
  username: string;
  onDone: () => void;
  onLater: () => void;
}

export function SaveKit({ codes, username, onDone, onLater }: SaveKitProps) {
  const { t } = useTranslation();
  const [saved, setSaved] = useState(false);

  return (
    <AuthCard
      pageTitle={t("kit.pageTitle")}
      title={t("kit.title")}
      step={3}
      lead={`${t("kit.lead")} ${t("kit.keep")}`}
    >
      <BackupCodes codes={codes} username={username} onSaved={() => setSaved(true)} />
      <div className="mt-6 flex flex-col gap-2 print:hidden">
        <Button look="primary" wide isDisabled={!saved} onPress={onDone}>
          {t("common.done")}
        </Button>
        {!saved && <p className="text-center text-sm text-text-2">{t("kit.doneHint")}</p>}
        <Button look="quiet" wide onPress={onLater}>
          {t("common.later")}
        </Button>
      </div>
    </AuthCard>
  );
}
