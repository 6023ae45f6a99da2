import { Card } from "@/components/ui/card";
import { WordMark } from "@/components/ui/logo";
import { configQuery } from "@/features/auth/config";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Fact, Facts } from "./facts";
import { SectionPage } from "./section-page";

/** What this is, and what the server can and cannot see. */
export function AboutPage() {
  const { t } = useTranslation();
  const { data: config } = useQuery(configQuery);
  return (
    <SectionPage title={t("about.title")}>
      <Card>
        <WordMark size={40} />
        <p className="mt-4 text-text-2">{t("about.what")}</p>
        <Facts>
          <Fact label={t("about.server")}>{location.host}</Fact>
          {config && <Fact label={t("about.version")}>{config.version}</Fact>}
          <Fact label={t("about.licence")}>{t("about.licenceName")}</Fact>
        </Facts>
      </Card>
      <Card title={t("about.encryption")}>
        <p className="mt-2 text-text-2">{t("chat.safety")}</p>
      </Card>
    </SectionPage>
  );
}
