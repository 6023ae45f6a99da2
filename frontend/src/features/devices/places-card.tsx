import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Notice } from "@/components/ui/notice";
import { SkeletonRows } from "@/components/ui/skeleton";
import { api } from "@/core/api";
import type { OwnDevice } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { LoadFailure } from "@/features/settings/load-failure";
import { sessionsQuery } from "@/features/settings/queries";
import { useProblemText } from "@/i18n/problem-text";
import type { DeviceId } from "@/protocol.gen";
import { WarningIcon } from "@phosphor-icons/react/Warning";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { EndOthers } from "./end-others";
import { PlaceRow } from "./place-row";
import { type Place, placesOf } from "./places";
import { RenameDeviceDialog } from "./rename-device-dialog";
import { RevokeDialog } from "./revoke-dialog";
import { shownName } from "./session-name";

type Open = { rename: OwnDevice } | { revoke: { device_id: DeviceId; name: string | null } } | null;

/** Every device and session of mine in one list, with what can be done about each. */
export function PlacesCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const own = useCore((state) => state.own);
  const sessions = useQuery(sessionsQuery);
  const [open, setOpen] = useState<Open>(null);
  const [removed, setRemoved] = useState(false);
  const refresh = () => queries.invalidateQueries(sessionsQuery);
  const signOut = useMutation({
    mutationFn: async (place: Place) => {
      for (const { session_id } of place.sessions) await api.endSession(session_id);
    },
    onSettled: refresh,
  });
  // A device that came or went brings or takes its session along.
  const count = own?.devices.length;
  const lookAgain = useEffectEvent(() => void refresh());
  useEffect(() => {
    if (count) lookAgain();
  }, [count]);
  // Without the sessions the devices still stand there.
  const places = own && !sessions.isPending ? placesOf(own.devices, sessions.data ?? []) : null;
  const others = sessions.data?.filter((session) => !session.current).length ?? 0;

  function begin(next: Open): void {
    setRemoved(false);
    setOpen(next);
  }

  return (
    <Card title={t("devices.list")} lead={t("devices.lead")}>
      {places && (
        <ul aria-label={t("devices.list")} className="mt-1 divide-y divide-line">
          {places.map((place) => (
            <PlaceRow
              key={place.key}
              place={place}
              isPending={signOut.isPending && signOut.variables.key === place.key}
              onRename={() => place.device && begin({ rename: place.device })}
              onRevoke={() => place.device && begin({ revoke: place.device })}
              onSignOut={() => signOut.mutate(place)}
            />
          ))}
        </ul>
      )}
      {!places && <SkeletonRows count={2} label={t("common.loading")} />}
      {sessions.isError && !sessions.data && (
        <LoadFailure fault={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      <FormFailure text={signOut.isError ? describe(signOut.error) : null} />
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
      {sessions.data && <EndOthers count={others} onDone={refresh} />}
      {open && "rename" in open && (
        <RenameDeviceDialog device={open.rename} onClose={() => setOpen(null)} />
      )}
      {open && "revoke" in open && (
        <RevokeDialog
          device={open.revoke.device_id}
          name={open.revoke.name && shownName(open.revoke.name, t)}
          onDone={() => {
            setOpen(null);
            setRemoved(true);
            void refresh();
          }}
          onClose={() => setOpen(null)}
        />
      )}
    </Card>
  );
}
