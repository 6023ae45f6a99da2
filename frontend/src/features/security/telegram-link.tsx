import { buttonClasses } from "@/components/ui/button";
import { PaperPlaneTiltIcon } from "@phosphor-icons/react/PaperPlaneTilt";
import { useTranslation } from "react-i18next";

/** The way to the bot: a link on this device, a picture for another. */
export function TelegramLink({ uri, qr }: { uri: string; qr: string }) {
  const { t } = useTranslation();
  return (
    <div className="flex flex-col items-center gap-4 rounded-field border border-line bg-surface p-4">
      <img
        src={`data:image/svg+xml;charset=utf-8,${encodeURIComponent(qr)}`}
        alt={t("factors.telegramQr")}
        width={168}
        height={168}
        className="hidden size-[168px] shrink-0 rounded-chip bg-[#fff] p-1.5 pointer-fine:block"
      />
      <a
        href={uri}
        target="_blank"
        rel="noreferrer"
        className={buttonClasses("moss", "regular", true)}
      >
        <span className="inline-flex items-center gap-2">
          <PaperPlaneTiltIcon size={20} aria-hidden="true" />
          {t("factors.openTelegram")}
        </span>
      </a>
    </div>
  );
}
