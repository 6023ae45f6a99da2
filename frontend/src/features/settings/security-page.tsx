import { LockCard } from "@/features/lock/lock-card";
import { CodesCard } from "@/features/security/codes-card";
import { FactorsCard } from "@/features/security/factors-card";
import { RememberedCard } from "@/features/security/remembered-card";
import { useTranslation } from "react-i18next";
import { EmailCard } from "./email-card";
import { PasswordCard } from "./password-card";
import { SectionPage } from "./section-page";

/** How I sign in. */
export function SecurityPage() {
  const { t } = useTranslation();
  return (
    <SectionPage title={t("security.title")}>
      <PasswordCard />
      <FactorsCard />
      <CodesCard />
      <LockCard />
      <RememberedCard />
      <EmailCard />
    </SectionPage>
  );
}
