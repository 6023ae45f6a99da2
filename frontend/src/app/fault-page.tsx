import { Path } from "@/components/drawings/path";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import type { CoreFault } from "@/core/messages";
import { useTranslation } from "react-i18next";

/** Something stopped for good; a fresh start may mend it. */
export function FaultPage({ fault }: { fault: CoreFault | "page" | "part" }) {
  const { t } = useTranslation();
  const words = fault === "page" ? t("errors.text") : t(`errors.${fault}`);
  return (
    <main className="flex min-h-dvh">
      <EmptyState
        level={1}
        drawing={<Path />}
        title={t("errors.title")}
        action={
          <Button look="primary" onPress={() => location.reload()}>
            {t("errors.reload")}
          </Button>
        }
      >
        <p role="alert">{words}</p>
      </EmptyState>
    </main>
  );
}
