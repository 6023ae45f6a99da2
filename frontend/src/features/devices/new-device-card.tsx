import { Button, buttonClasses } from "@/components/ui/button";
import { dismissToastOf, showToast } from "@/components/ui/toasts";
import { coreState } from "@/core/store";
import { useLocale } from "@/i18n/use-locale";
import { DevicesIcon } from "@phosphor-icons/react/Devices";
import { Link, useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { useTranslation } from "react-i18next";
import { acknowledge, useNewDevices } from "./new-devices";
import { shownName } from "./session-name";

const KEY = "new-device";
const LIST = "/settings/devices";
/** Older than this it is no news, in milliseconds: the card says enough. */
const NEWS = 60_000;

/** Stands above the conversations until somebody has said that a new device is theirs. */
export function NewDeviceCard() {
  const { t } = useTranslation();
  const locale = useLocale();
  const fresh = useNewDevices();
  if (fresh.length === 0) return null;
  const title = t("devices.newTitle", { count: fresh.length });
  const names = new Intl.ListFormat(locale).format(fresh.map(({ name }) => shownName(name, t)));
  return (
    <section
      aria-label={title}
      className="flex items-start gap-3 rounded-field bg-warn-soft p-4 text-warn"
    >
      <DevicesIcon size={22} aria-hidden="true" className="mt-0.5 shrink-0" />
      <div className="flex min-w-0 flex-col items-start gap-2">
        <p className="font-medium">{title}</p>
        <p className="text-md [overflow-wrap:anywhere]">{t("devices.newText", { names })}</p>
        <div className="flex flex-wrap gap-2">
          <Link to={LIST} className={buttonClasses("plain", "small")}>
            {t("devices.newLook")}
          </Link>
          <Button size="small" onPress={() => acknowledge(coreState().own?.devices ?? [])}>
            {t("devices.newMine")}
          </Button>
        </div>
      </div>
    </section>
  );
}

/** In a conversation on a phone the card is out of sight: a device that just came is told of. */
export function useNewDeviceToast(): void {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { pathname } = useLocation();
  const fresh = useNewDevices();
  const newest = fresh.at(-1)?.device_id;
  const tell = useEffectEvent((newest: string) => {
    const device = fresh.find(({ device_id }) => device_id === newest);
    // Who looks at the list sees it there.
    if (!device || pathname === LIST) return;
    if (Date.now() - Date.parse(device.created_at) >= NEWS) return;
    showToast({
      key: KEY,
      text: t("devices.newToast", { name: shownName(device.name, t) }),
      action: {
        label: t("devices.newLook"),
        run: () => void navigate({ to: LIST }),
      },
    });
  });
  useEffect(() => {
    if (newest) tell(newest);
    else dismissToastOf(KEY);
  }, [newest]);
}
