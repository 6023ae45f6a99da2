import { Button } from "@/components/ui/button";
import { call } from "@/core/core";
import { AuthCard } from "@/features/auth/auth-card";
import { AuthLayout } from "@/features/auth/auth-layout";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** Another tab of this browser is the active one. */
export function TabPage({ displaced }: { displaced: boolean }) {
  const { t } = useTranslation();
  const [asked, setAsked] = useState(false);
  return (
    <AuthLayout>
      <AuthCard pageTitle={t("tab.pageTitle")} title={t("tab.active")} lead={t("tab.lead")}>
        <Button
          look="primary"
          wide
          isPending={asked}
          onPress={() => {
            setAsked(true);
            void call(displaced ? "reconnect" : "takeOver");
          }}
        >
          {t("tab.useHere")}
        </Button>
      </AuthCard>
    </AuthLayout>
  );
}
