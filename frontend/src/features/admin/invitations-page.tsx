import { SectionPage } from "@/features/settings/section-page";
import { useTranslation } from "react-i18next";
import { AdminTabs } from "./admin-tabs";
import { InvitationsCard } from "./invitations-card";

/** Who may join. */
export function InvitationsPage() {
  const { t } = useTranslation();
  return (
    <SectionPage title={t("admin.title")}>
      <AdminTabs />
      <InvitationsCard />
    </SectionPage>
  );
}
