import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/skeleton";
import type { OwnDevice } from "@/core/engine.gen";
import { refreshOwn } from "@/core/own";
import { useCore } from "@/core/store";
import { SectionPage } from "@/features/settings/section-page";
import type { DeviceId } from "@/protocol.gen";
import { PlusIcon } from "@phosphor-icons/react/Plus";
import { WarningIcon } from "@phosphor-icons/react/Warning";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { DeviceRow } from "./device-row";
import { openLinking } from "./linking";
import { RenameDeviceDialog } from "./rename-device-dialog";
import { RevokeDialog } from "./revoke-dialog";

type Open = { rename: OwnDevice } | { revoke: { device_id: DeviceId; name: string | null } } | null;

/** The devices that open my messages, and letting another one in. */
export function DevicesPage() {
  const { t } = useTranslation();
  const own = useCore((state) => state.own);
  const live = useCore((state) => state.phase?.type === "live");
  const [open, setOpen] = useState<Open>(null);
  const [removed, setRemoved] = useState(false);
  useEffect(() => {
    if (live) refreshOwn();
  }, [live]);
  const devices = own && inOrder(own.devices);

  function begin(next: Open): void {
    setRemoved(false);
    setOpen(next);
  }

  return (
    <SectionPage title={t("devices.title")}>
      <Card title={t("devices.list")} lead={t("devices.lead")}>
        {devices && (
          <ul aria-label={t("devices.list")} className="mt-1 divide-y divide-line">
            {devices.map((device) => (
              <DeviceRow
                key={device.device_id}
                device={device}
                onRename={() => begin({ rename: device })}
                onRevoke={() => begin({ revoke: device })}
              />
            ))}
          </ul>
        )}
        {!devices && <SkeletonRows count={2} label={t("common.loading")} />}
        {own?.reported.map((device_id) => (
          <div key={device_id} className="mt-2">
            <Notice icon={<WarningIcon size={18} />}>
              <p>{t("devices.reported")}</p>
              <div className="mt-2.5">
                <Button size="small" onPress={() => begin({ revoke: { device_id, name: null } })}>
                  {t("devices.sign")}
                </Button>
              </div>
            </Notice>
          </div>
        ))}
        {removed && (
          <div className="mt-2">
            <Notice tone="calm" announces>
              {t("devices.removed")}
            </Notice>
          </div>
        )}
      </Card>
      <Card title={t("link.title")} lead={t("link.lead")}>
        <div className="mt-3 flex flex-col md:items-start">
          <Button look="primary" isDisabled={!live} onPress={openLinking}>
            <PlusIcon size={18} />
            {t("link.title")}
          </Button>
        </div>
        {!live && <p className="mt-2 text-md text-text-2">{t("devices.offline")}</p>}
      </Card>
      {open && "rename" in open && (
        <RenameDeviceDialog device={open.rename} onClose={() => setOpen(null)} />
      )}
      {open && "revoke" in open && (
        <RevokeDialog
          device={open.revoke.device_id}
          name={open.revoke.name}
          onDone={() => {
            setOpen(null);
            setRemoved(true);
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </SectionPage>
  );
}

/** This one first, then by last use. */
export function inOrder(devices: readonly OwnDevice[]): OwnDevice[] {
  const used = ({ last_seen, created_at }: OwnDevice) => Date.parse(last_seen ?? created_at);
  return devices.toSorted((a, b) => Number(b.this) - Number(a.this) || used(b) - used(a));
}
