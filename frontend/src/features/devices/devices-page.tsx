import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { refreshOwn } from "@/core/own";
import { useCore } from "@/core/store";
import { SectionPage } from "@/features/settings/section-page";
import { PlusIcon } from "@phosphor-icons/react/Plus";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { ArchiveCard } from "./archive-card";
import { ExperimentCard } from "./experiment-card";
import { openLinking } from "./linking";
import { NewKeysCard } from "./new-keys-card";
import { PlacesCard } from "./places-card";
import { RecoveryCard } from "./recovery-card";

/** What opens my messages and where I am signed in; letting another device in; what is left without. */
export function DevicesPage() {
  const { t } = useTranslation();
  const live = useCore((state) => state.phase?.type === "live");
  useEffect(() => {
    if (live) refreshOwn();
  }, [live]);

  return (
    <SectionPage title={t("devices.title")}>
      <PlacesCard />
      <Card title={t("link.title")} lead={t("link.lead")}>
        <div className="mt-3 flex flex-col md:items-start">
          <Button look="primary" isDisabled={!live} onPress={openLinking}>
            <PlusIcon size={18} />
            {t("link.title")}
          </Button>
        </div>
        {!live && <p className="mt-2 text-md text-text-2">{t("devices.offline")}</p>}
      </Card>
      <RecoveryCard />
      <ArchiveCard />
      <ExperimentCard />
      <NewKeysCard />
    </SectionPage>
  );
}
