import { EntryRow } from "@/components/ui/entry-row";
import { MenuItem } from "@/components/ui/menu";
import { RowMenu } from "@/components/ui/row-menu";
import { useLocale } from "@/i18n/use-locale";
import { ago, longDate } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { Factor } from "@/protocol.gen";
import { PencilSimpleIcon } from "@phosphor-icons/react/PencilSimple";
import { TrashIcon } from "@phosphor-icons/react/Trash";
import { useTranslation } from "react-i18next";
import { kinds } from "./kinds";

interface FactorRowProps {
  factor: Factor;
  onRename: () => void;
  onRemove: () => void;
}

/** A second factor: what it is, when it was used last, and its menu. */
export function FactorRow({ factor, onRename, onRemove }: FactorRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  const { icon: Icon, name } = kinds[factor.kind];
  const used = factor.last_used_at
    ? t("factors.used", { time: ago(Date.parse(factor.last_used_at), now, locale) })
    : t("factors.neverUsed");
  return (
    <EntryRow
      icon={<Icon size={22} />}
      title={factor.label}
      action={
        <RowMenu label={t("factors.menu", { label: factor.label })}>
          <MenuItem icon={<PencilSimpleIcon size={20} />} onAction={onRename}>
            {t("factors.rename")}
          </MenuItem>
          <MenuItem danger icon={<TrashIcon size={20} />} onAction={onRemove}>
            {t("factors.remove")}
          </MenuItem>
        </RowMenu>
      }
    >
      {/* A factor is often called what it is: once is enough. */}
      <p>{factor.label === t(name) ? used : `${t(name)} · ${used}`}</p>
      <p>{t("factors.added", { date: longDate(Date.parse(factor.created_at), locale) })}</p>
      {factor.unreachable && <p className="text-danger">{t("factors.unreachable")}</p>}
    </EntryRow>
  );
}
