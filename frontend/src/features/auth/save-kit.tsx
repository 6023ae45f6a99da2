import { useLocale } from "@/i18n/use-locale";
import { Button } from "@/components/ui/button";
import { useCopy } from "@/lib/use-copy";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { DownloadSimpleIcon } from "@phosphor-icons/react/DownloadSimple";
import { PrinterIcon } from "@phosphor-icons/react/Printer";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { AuthCard } from "./auth-card";
import { downloadKit, kitText } from "./kit-file";

interface SaveKitProps {
  codes: string[];
  username: string;
  onDone: () => void;
  onLater: () => void;
}

export function SaveKit({ codes, username, onDone, onLater }: SaveKitProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { copied, copy } = useCopy();
  const [saved, setSaved] = useState(false);
  const file = () => kitText({ codes, username, t, language: locale });

  return (
    <AuthCard
      pageTitle={t("kit.pageTitle")}
      title={t("kit.title")}
      step={3}
      lead={`${t("kit.lead")} ${t("kit.keep")}`}
    >
      <ol
        aria-label={t("kit.listLabel")}
        className="code-digits grid grid-cols-1 gap-x-6 gap-y-1.5 rounded-field border border-line bg-surface px-5 py-4 text-sm/6 select-text min-[400px]:grid-cols-2"
      >
        {codes.map((code) => (
          <li key={code} className="whitespace-nowrap">
            {code}
          </li>
        ))}
      </ol>
      <div className="mt-4 flex flex-wrap gap-2 print:hidden *:grow">
        <Button
          size="small"
          onPress={() => {
            downloadKit(file(), username);
            setSaved(true);
          }}
        >
          <DownloadSimpleIcon size={18} />
          {t("kit.download")}
        </Button>
        <Button
          size="small"
          onPress={() => void copy(file()).then((done) => done && setSaved(true))}
        >
          {copied ? <CheckIcon size={18} /> : <CopyIcon size={18} />}
          <span aria-live="polite">{copied ? t("common.copied") : t("common.copy")}</span>
        </Button>
        <Button
          size="small"
          onPress={() => {
            window.print();
            setSaved(true);
          }}
        >
          <PrinterIcon size={18} />
          {t("kit.print")}
        </Button>
      </div>
      <div className="mt-6 flex flex-col gap-2 print:hidden">
        <Button look="primary" wide isDisabled={!saved} onPress={onDone}>
          {t("common.done")}
        </Button>
        {!saved && <p className="text-center text-sm text-text-2">{t("kit.doneHint")}</p>}
        <Button look="quiet" wide onPress={onLater}>
          {t("common.later")}
        </Button>
      </div>
    </AuthCard>
  );
}
