import { Ring } from "@/components/ui/ring";
import { CheckCircleIcon } from "@phosphor-icons/react/CheckCircle";
import { useTranslation } from "react-i18next";

/** What goes on meanwhile. */
export function KeysLine({ ready }: { ready: boolean }) {
  const { t } = useTranslation();
  return (
    <p role="status" className="mt-4 flex items-center gap-2 text-sm text-text-2">
      {ready ? (
        <CheckCircleIcon size={18} weight="fill" className="text-ok" aria-hidden="true" />
      ) : (
        <Ring size={16} />
      )}
      {ready ? t("protect.keysReady") : t("protect.keysWorking")}
    </p>
  );
}
