import { Path } from "@/components/drawings/path";
import { Button } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { useRouter } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";

/** The next page is still on the server, which can't be reached. */
export function AwayPage({ reset }: { reset: () => void }) {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <main className="flex min-h-dvh">
      <EmptyState
        level={1}
        drawing={<Path />}
        title={t("errors.awayTitle")}
        action={
          <Button
            look="primary"
            onPress={() => {
              reset();
              void router.invalidate();
            }}
          >
            {t("history.retry")}
          </Button>
        }
      >
        <p role="alert">{t("errors.network")}</p>
      </EmptyState>
    </main>
  );
}
