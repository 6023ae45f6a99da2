import { useTranslation } from "react-i18next";
import { AccountsCard } from "./accounts-card";
import { AdminTabs } from "./admin-tabs";
import { SummaryCard } from "./summary-card";
import { SectionPage } from "@/features/settings/section-page";

/** Who is on this server. */
export function AdminPage() {
  const { t } = useTranslation();
  return (
    <SectionPage title={t("admin.title")}>
      <AdminTabs />
      <SummaryCard />
      <AccountsCard />
    </SectionPage>
  );
}
