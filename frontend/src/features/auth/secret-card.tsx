import { Button, buttonClasses } from "@/components/ui/button";
import { groupsOfFour } from "@/lib/digits";
import { useCopy } from "@/lib/use-copy";
import type { PendingFactor } from "@/protocol.gen";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { useTranslation } from "react-i18next";

/** The authenticator's secret: as a picture, as a link on a phone, as text. */
export function SecretCard({ factor }: { factor: PendingFactor }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  return (
    <div className="flex flex-col gap-4">
      <a
        href={factor.otpauth_uri}
        className={`${buttonClasses("moss", "regular", true)} pointer-fine:hidden`}
      >
        {t("protect.openApp")}
      </a>
      <div className="flex flex-col items-center gap-4 rounded-field border border-line bg-surface p-4 md:flex-row">
        <img
          src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(factor.qr_svg)}`}
          alt={t("protect.qrAlt")}
          width={168}
          height={168}
          className="size-[168px] shrink-0 rounded-chip bg-[#fff] p-1.5"
        />
        <div className="flex min-w-0 grow flex-col items-center gap-2 md:items-start">
          <p className="text-center text-sm text-text-2 md:text-left">{t("protect.secretLabel")}</p>
          <code className="code-digits text-balance text-center text-md/6 text-text select-all md:text-left">
            {groupsOfFour(factor.secret)}
          </code>
          <Button size="small" onPress={() => void copy(factor.secret)}>
            {copied ? <CheckIcon size={16} /> : <CopyIcon size={16} />}
            <span aria-live="polite">{copied ? t("common.copied") : t("protect.copySecret")}</span>
          </Button>
        </div>
      </div>
    </div>
  );
}
