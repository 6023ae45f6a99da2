import { Lamp } from "@/components/drawings/lamp";
import { Button } from "@/components/ui/button";
import { useCore } from "@/core/store";
import { AuthCard } from "@/features/auth/auth-card";
import { AuthLayout } from "@/features/auth/auth-layout";
import { SignOutDialog } from "@/features/auth/sign-out-dialog";
import { KeyIcon } from "@phosphor-icons/react/Key";
import { KeyboardIcon } from "@phosphor-icons/react/Keyboard";
import { QrCodeIcon } from "@phosphor-icons/react/QrCode";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { CrowdedPage } from "./crowded-page";
import { RevokedPage } from "./revoked-page";
import { StartOver } from "./start-over";
import { UnlockByKey } from "./unlock-by-key";
import { UnlockByLink } from "./unlock-by-link";
import { WayButton } from "./way-button";

type Way = "scan" | "typed" | "key";

/**
 * This browser has no keys for the account: the ways to get them, and to go on without. Each leads
 * back here.
 */
export function UnlockPage() {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way | null>(null);
  const [leaving, setLeaving] = useState(false);
  const revoked = useCore((state) => state.phase?.type === "revoked");
  const crowded = useCore(
    ({ phase }) => phase?.type === "refused" && phase.failure.code === "too-many-devices",
  );
  const back = () => setWay(null);
  if (revoked) return <RevokedPage />;

  return (
    <AuthLayout>
      {crowded && <CrowdedPage onLeave={() => setLeaving(true)} />}
      {!crowded && way === null && (
        <AuthCard
          pageTitle={t("unlock.pageTitle")}
          title={t("unlock.title")}
          lead={t("unlock.lead")}
        >
          <div className="flex flex-col gap-5">
            <div className="flex justify-center">
              <Lamp />
            </div>
            <div className="flex flex-col gap-2">
              <WayButton
                first
                icon={<QrCodeIcon size={24} />}
                title={t("unlock.scan")}
                text={t("unlock.scanText")}
                onPress={() => setWay("scan")}
              />
              <WayButton
                icon={<KeyboardIcon size={24} />}
                title={t("unlock.typed")}
                text={t("unlock.typedText")}
                onPress={() => setWay("typed")}
              />
              <WayButton
                icon={<KeyIcon size={24} />}
                title={t("unlock.key")}
                text={t("unlock.keyText")}
                onPress={() => setWay("key")}
              />
            </div>
            <StartOver />
            <Button look="quiet" wide onPress={() => setLeaving(true)}>
              {t("signOut.action")}
            </Button>
          </div>
        </AuthCard>
      )}
      {!crowded && (way === "scan" || way === "typed") && (
        <UnlockByLink key={way} how={way} onBack={back} />
      )}
      {!crowded && way === "key" && <UnlockByKey onBack={back} />}
      <SignOutDialog isOpen={leaving} onClose={() => setLeaving(false)} />
    </AuthLayout>
  );
}
