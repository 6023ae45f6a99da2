import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useUser } from "@/features/auth/session";
import { useProblemText } from "@/i18n/problem-text";
import { download } from "@/lib/download";
import { DownloadSimpleIcon } from "@phosphor-icons/react/DownloadSimple";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { EndDialog } from "./end-dialog";
import { SectionPage } from "./section-page";

/** What the server holds of me, and the ways to leave it. */
export function AccountPage() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const [ending, setEnding] = useState<"deactivate" | "delete" | null>(null);
  const take = useMutation({
    mutationFn: api.exportMe,
    onSuccess: (file) => download(file, `snug-${user.username}-${location.hostname}.json`),
  });

  return (
    <SectionPage title={t("account.title")}>
      <Card title={t("account.export")} lead={t("account.exportLead")}>
        <div className="mt-4 flex flex-col gap-3 md:items-start">
          <FormFailure text={take.isError ? describe(take.error) : null} />
          <Button isPending={take.isPending} onPress={() => take.mutate()}>
            <DownloadSimpleIcon size={20} />
            {t("account.exportAction")}
          </Button>
        </div>
      </Card>
      <Card title={t("account.deactivate")} lead={t("account.deactivateLead")}>
        <div className="mt-4 flex flex-col md:items-start">
          <Button onPress={() => setEnding("deactivate")}>{t("account.deactivate")}</Button>
        </div>
      </Card>
      <Card title={t("account.delete")} lead={t("account.deleteLead")}>
        <div className="mt-4 flex flex-col md:items-start">
          <Button look="warning" onPress={() => setEnding("delete")}>
            {t("account.delete")}
          </Button>
        </div>
      </Card>
      {ending && <EndDialog how={ending} onClose={() => setEnding(null)} />}
    </SectionPage>
  );
}
