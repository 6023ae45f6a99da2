/** Devices of mine that left: signed out for good, by themselves or by another of mine. */
import { showToast } from "@/components/ui/toasts";
import type { OwnAccount, OwnDevice } from "@/core/engine.gen";
import { isShutOutHere } from "@/core/own";
import { useCore } from "@/core/store";
import { useEffect, useEffectEvent, useRef } from "react";
import { useTranslation } from "react-i18next";
import { shownName } from "./session-name";

/** Those that stood in the list and stand there no more. What the server says alone is asked about. */
export function goneOnes(
  before: readonly OwnDevice[],
  { devices, reported }: Pick<OwnAccount, "devices" | "reported">,
): OwnDevice[] {
  return before.filter(
    ({ device_id, this: here }) =>
      !here &&
      !reported.includes(device_id) &&
      !isShutOutHere(device_id) &&
      devices.every((device) => device.device_id !== device_id),
  );
}

/** Says quietly that one is gone. */
export function useGoneDeviceToast(): void {
  const { t } = useTranslation();
  const own = useCore((state) => state.own);
  const before = useRef<readonly OwnDevice[]>([]);
  const look = useEffectEvent((now: OwnAccount) => {
    for (const device of goneOnes(before.current, now)) {
      showToast({ text: t("devices.goneToast", { name: shownName(device.name, t) }) });
    }
    before.current = now.devices;
  });
  useEffect(() => {
    if (own) look(own);
  }, [own]);
}
