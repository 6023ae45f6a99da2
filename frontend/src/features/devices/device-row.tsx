import { IconButton } from "@/components/ui/icon-button";
import { Menu, MenuItem } from "@/components/ui/menu";
import type { OwnDevice } from "@/core/engine.gen";
import { RowIcon } from "@/features/security/row-icon";
import { useLocale } from "@/i18n/use-locale";
import { ago, longDate } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { DesktopIcon } from "@phosphor-icons/react/Desktop";
import { DeviceMobileIcon } from "@phosphor-icons/react/DeviceMobile";
import { DotsThreeVerticalIcon } from "@phosphor-icons/react/DotsThreeVertical";
import { PencilSimpleIcon } from "@phosphor-icons/react/PencilSimple";
import { TrashIcon } from "@phosphor-icons/react/Trash";
import { useTranslation } from "react-i18next";

interface DeviceRowProps {
  device: OwnDevice;
  onRename: () => void;
  onRevoke: () => void;
}

export function DeviceRow({ device, onRename, onRevoke }: DeviceRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  const { name, created_at, last_seen } = device;
  // The name that it gave itself tells a phone; nothing else does.
  const Icon = /\b(android|ios|iphone|phone)\b/i.test(name) ? DeviceMobileIcon : DesktopIcon;
  const label = t("devices.menu", { name });
  const used = device.this
    ? t("devices.now")
    : last_seen
      ? t("devices.used", { time: ago(Date.parse(last_seen), now, locale) })
      : t("devices.neverUsed");
  return (
    <li className="flex items-start gap-3.5 py-3.5">
      <RowIcon>
        <Icon size={22} />
      </RowIcon>
      <div className="w-0 grow text-md text-text-2">
        <p className="flex flex-wrap gap-x-2 text-body font-medium text-text">
          <span className="min-w-0 [overflow-wrap:anywhere]">{name}</span>
          {device.this && (
            <span className="rounded-full bg-moss-soft px-2 text-sm font-medium whitespace-nowrap text-moss-text">
              {t("devices.this")}
            </span>
          )}
        </p>
        <p>{used}</p>
        <p>{t("devices.since", { date: longDate(Date.parse(created_at), locale) })}</p>
      </div>
      <Menu
        label={label}
        trigger={
          <IconButton label={label}>
            <DotsThreeVerticalIcon size={20} weight="bold" />
          </IconButton>
        }
      >
        <MenuItem icon={<PencilSimpleIcon size={20} />} onAction={onRename}>
          {t("devices.rename")}
        </MenuItem>
        {/* This one is left by signing out. */}
        {device.this ? null : (
          <MenuItem danger icon={<TrashIcon size={20} />} onAction={onRevoke}>
            {t("devices.revoke")}
          </MenuItem>
        )}
      </Menu>
    </li>
  );
}
