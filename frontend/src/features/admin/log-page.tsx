import { SectionPage } from "@/features/settings/section-page";
import { useTranslation } from "react-i18next";
import { AdminTabs } from "./admin-tabs";
import { LogCard } from "./log-card";

/** What happened on this server that matters for security. */
export function LogPage() {
  const { t } = useTranslation();
  return (
    <SectionPage title={t("admin.title")}>
      <AdminTabs />
      <LogCard />
    </SectionPage>
  );
}
