import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EntryRow } from "@/components/ui/entry-row";
import { SkeletonRows } from "@/components/ui/skeleton";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { LoadFailure } from "@/features/settings/load-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useLocale } from "@/i18n/use-locale";
import { longDate } from "@/lib/format";
import type { RememberedBrowser } from "@/protocol.gen";
import { BrowserIcon } from "@phosphor-icons/react/Browser";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rememberedQuery } from "./queries";

/** Where no code is asked for, and the way back. */
export function RememberedCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const { data: browsers, error, refetch } = useQuery(rememberedQuery);
  const onSettled = () => queries.invalidateQueries(rememberedQuery);
  const forget = useMutation({ mutationFn: api.forgetBrowser, onSettled });
  const forgetAll = useMutation({ mutationFn: api.forgetBrowsers, onSettled });
  const fault = forget.error ?? forgetAll.error;

  return (
    <Card title={t("remembered.title")} lead={t("remembered.lead")}>
      {browsers && browsers.length > 0 && (
        <ul aria-label={t("remembered.title")} className="mt-1 divide-y divide-line">
          {browsers.map((browser) => (
            <BrowserRow
              key={browser.browser_id}
              browser={browser}
              isPending={forget.isPending && forget.variables === browser.browser_id}
              onForget={() => forget.mutate(browser.browser_id)}
            />
          ))}
        </ul>
      )}
      {browsers?.length === 0 && (
        <p role="status" className="mt-3 text-text-2">
          {t("remembered.none")}
        </p>
      )}
      {!browsers && !error && <SkeletonRows count={1} label={t("common.loading")} />}
      {!browsers && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
      <FormFailure text={fault ? describe(fault) : null} />
      {browsers && browsers.length > 1 && (
        <div className="mt-1 flex flex-col md:items-start">
          <Button look="warning" isPending={forgetAll.isPending} onPress={() => forgetAll.mutate()}>
            {t("remembered.forgetAll")}
          </Button>
        </div>
      )}
    </Card>
  );
}

interface BrowserRowProps {
  browser: RememberedBrowser;
  isPending: boolean;
  onForget: () => void;
}

function BrowserRow({ browser, isPending, onForget }: BrowserRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { label, created_at, expires_at, current } = browser;
  const date = (text: string) => longDate(Date.parse(text), locale);
  return (
    <EntryRow
      wordy
      icon={<BrowserIcon size={22} />}
      title={label}
      mark={current ? t("sessions.this") : null}
      action={
        <Button
          size="small"
          aria-label={`${t("remembered.forget")}: ${label}`}
          isPending={isPending}
          onPress={onForget}
        >
          {t("remembered.forget")}
        </Button>
      }
    >
      <p>{t("remembered.until", { date: date(expires_at) })}</p>
      <p>{t("remembered.since", { date: date(created_at) })}</p>
    </EntryRow>
  );
}
