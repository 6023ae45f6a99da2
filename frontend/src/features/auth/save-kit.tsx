import { Button } from "@/components/ui/button";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import type { Kit } from "./kit";
import { KitContents } from "./kit-contents";

interface SaveKitProps {
  kit: Kit;
  username: string;
  /** How the recovery key comes to be, where it is not there yet. */
  keyLine: ReactNode;
  /** The key is being made: a kit without it is not the whole. */
  waits: boolean;
  onDone: () => void;
  onLater: () => void;
}

/** The third step of signing up: the codes and the key, to be saved now or later. */
export function SaveKit({ kit, username, keyLine, waits, onDone, onLater }: SaveKitProps) {
  const { t } = useTranslation();
  /* What was saved: a key that came after it is not. */
  const [saved, setSaved] = useState<Kit | null>(null);
  const done = saved !== null && saved.key === kit.key && !waits;

  return (
    <AuthCard
      pageTitle={t("kit.pageTitle")}
      title={t("kit.title")}
      step={3}
      lead={`${t("kit.lead")} ${t("recovery.what")}`}
    >
      <KitContents kit={kit} username={username} onSaved={() => setSaved(kit)} />
      <div className="mt-3 empty:hidden print:hidden">{keyLine}</div>
      <p className="mt-3 text-sm text-text-2">{t("kit.keep")}</p>
      <div className="mt-6 flex flex-col gap-2 print:hidden">
        <Button look="primary" wide isDisabled={!done} onPress={onDone}>
          {t("common.done")}
        </Button>
        {!done && <p className="text-center text-sm text-text-2">{t("kit.doneHint")}</p>}
        <Button look="quiet" wide onPress={onLater}>
          {t("common.later")}
        </Button>
      </div>
    </AuthCard>
  );
}
