import { Button } from "@/components/ui/button";
import { useLocale } from "@/i18n/use-locale";
import { useCopy } from "@/lib/use-copy";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { DownloadSimpleIcon } from "@phosphor-icons/react/DownloadSimple";
import { PrinterIcon } from "@phosphor-icons/react/Printer";
import { useTranslation } from "react-i18next";
import type { Kit } from "./kit";
import { downloadKit, kitText } from "./kit-file";

interface KitContentsProps {
  kit: Kit;
  username: string;
  /** It was downloaded, copied or printed. */
  onSaved: () => void;
}

/** The codes, the key, and the ways to keep them. */
export function KitContents({ kit, username, onSaved }: KitContentsProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const { copied, copy } = useCopy();
  const file = () => kitText({ kit, username, t, language: locale });
  return (
    <>
      {kit.key !== null && (
        <section
          aria-label={t("recovery.key")}
          className="rounded-field border border-line bg-surface px-5 py-4"
        >
          {kit.codes.length > 0 && <h2 className="text-md font-medium">{t("recovery.key")}</h2>}
          <p className="code-digits mt-1 text-md/6 text-balance break-words select-all">
            {kit.key}
          </p>
        </section>
      )}
      {kit.codes.length > 0 && (
        <div className="mt-3 rounded-field border border-line bg-surface px-5 py-4 first:mt-0">
          {kit.key !== null && <h2 className="mb-1 text-md font-medium">{t("codes.title")}</h2>}
          <ol
            aria-label={t("kit.listLabel")}
            className="code-digits grid grid-cols-1 gap-x-6 gap-y-1.5 text-sm/6 select-text min-[400px]:grid-cols-2"
          >
            {kit.codes.map((code) => (
              <li key={code} className="whitespace-nowrap">
                {code}
              </li>
            ))}
          </ol>
        </div>
      )}
      <div className="mt-4 flex flex-wrap gap-2 print:hidden *:grow">
        <Button
          size="small"
          onPress={() => {
            downloadKit(file(), username);
            onSaved();
          }}
        >
          <DownloadSimpleIcon size={18} />
          {t("kit.download")}
        </Button>
        <Button size="small" onPress={() => void copy(file()).then((done) => done && onSaved())}>
          {copied ? <CheckIcon size={18} /> : <CopyIcon size={18} />}
          <span aria-live="polite">{copied ? t("common.copied") : t("common.copy")}</span>
        </Button>
        <Button
          size="small"
          onPress={() => {
            window.print();
            onSaved();
          }}
        >
          <PrinterIcon size={18} />
          {t("kit.print")}
        </Button>
      </div>
    </>
  );
}
