import { AtomIcon } from "@phosphor-icons/react/Atom";
import { useTranslation } from "react-i18next";

/** Where a conversation's keys are post-quantum ones: said quietly, with the rest of its safety. */
export function PostQuantumLine({ on }: { on: boolean }) {
  const { t } = useTranslation();
  if (!on) return null;
  return (
    <p className="flex items-start gap-2 pt-2 text-md text-text-2">
      <AtomIcon size={18} aria-hidden="true" className="mt-0.5 shrink-0" />
      <span>{t("trust.postQuantum")}</span>
    </p>
  );
}
