import { Button } from "@/components/ui/button";
import { Checkbox } from "@/components/ui/checkbox";
import { SkeletonRows } from "@/components/ui/skeleton";
import { replaceDevices } from "@/core/account";
import type { OwnDevice } from "@/core/engine.gen";
import { useCore } from "@/core/store";
import { AuthCard } from "@/features/auth/auth-card";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useLocale } from "@/i18n/use-locale";
import { ago } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { CheckboxGroup, Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { confirmed } from "./confirmed";
import { longestUnused, usedAt } from "./crowded";
import { shownName } from "./session-name";
import { StepUpCancelled } from "./use-step-up";

/** The account has as many devices as it may: this browser comes in, in the place of others. */
export function CrowdedPage({ onLeave }: { onLeave: () => void }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const devices = useCore((state) => state.own?.devices ?? null);
  const [chosen, setChosen] = useState<string[]>([]);
  const replace = useMutation({
    mutationFn: (ids: string[]) => confirmed(() => replaceDevices(ids)),
  });
  const { error } = replace;
  // One of them may have gone meanwhile.
  const standing = chosen.filter((id) => devices?.some(({ device_id }) => device_id === id));

  return (
    <AuthCard
      pageTitle={t("unlock.pageTitle")}
      title={t("crowded.title")}
      lead={t("crowded.lead", { count: devices?.length ?? 0 })}
    >
      <Form
        className="flex flex-col gap-5"
        onSubmit={(event) => {
          event.preventDefault();
          if (standing.length > 0 && !replace.isPending) replace.mutate(standing);
        }}
      >
        {devices && devices.length > 0 ? (
          <CheckboxGroup
            aria-label={t("crowded.list")}
            value={standing}
            onChange={setChosen}
            className="thin-scroll -mx-1 flex max-h-[340px] flex-col gap-3 overflow-y-auto px-1 py-1 *:shrink-0"
          >
            {longestUnused(devices).map((device) => (
              <Choice key={device.device_id} device={device} />
            ))}
          </CheckboxGroup>
        ) : (
          <SkeletonRows count={3} label={t("common.loading")} />
        )}
        <p className="text-md text-text-2">{t("crowded.kept")}</p>
        <FormFailure text={error && !(error instanceof StepUpCancelled) ? describe(error) : null} />
        <div className="flex flex-col gap-2">
          <Button
            type="submit"
            look="primary"
            wide
            isPending={replace.isPending}
            isDisabled={standing.length === 0}
          >
            {t("crowded.go", { count: standing.length })}
          </Button>
          <Button look="quiet" wide onPress={onLeave}>
            {t("signOut.action")}
          </Button>
        </div>
      </Form>
    </AuthCard>
  );
}

function Choice({ device }: { device: OwnDevice }) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  return (
    <Checkbox value={device.device_id}>
      <span className="block [overflow-wrap:anywhere]">{shownName(device.name, t)}</span>
      <span className="block text-sm text-text-2">
        {device.last_seen
          ? t("devices.used", { time: ago(usedAt(device), now, locale) })
          : t("devices.neverUsed")}
      </span>
    </Checkbox>
  );
}
