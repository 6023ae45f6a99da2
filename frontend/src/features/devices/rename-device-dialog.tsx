import { NameDialog } from "@/components/ui/name-dialog";
import type { OwnDevice } from "@/core/engine.gen";
import { renameDevice } from "@/core/own";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

const LONGEST = 80;

/** Gives a device of one's own another name. */
export function RenameDeviceDialog({
  device,
  onClose,
}: {
  device: OwnDevice;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const rename = useMutation({
    mutationFn: async (name: string) => {
      if (name !== device.name) await renameDevice(device.device_id, name);
    },
    onSuccess: onClose,
  });
  return (
    <NameDialog
      title={t("devices.renameTitle")}
      label={t("devices.name")}
      hint={t("devices.nameHint")}
      name={device.name}
      longest={LONGEST}
      pending={rename.isPending}
      onSave={(name) => rename.mutate(name)}
      onClose={onClose}
    >
      <FormFailure text={rename.isError ? describe(rename.error) : null} />
    </NameDialog>
  );
}
