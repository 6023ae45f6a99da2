import { Button } from "@/components/ui/button";
import { Choice } from "@/components/ui/choice";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { isCancelled } from "@/features/settings/is-cancelled";
import { useProblemText } from "@/i18n/problem-text";
import { useCopy } from "@/lib/use-copy";
import { CheckIcon } from "@phosphor-icons/react/Check";
import { CopyIcon } from "@phosphor-icons/react/Copy";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";

/** How many people an invitation can be for. */
const sizes = ["1", "5", "20", "100"] as const;
type Size = (typeof sizes)[number];
/** What the server takes of a note, in characters. */
const LONGEST = 80;

/** Makes an invitation and shows its link, once. */
export function InviteDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const { confirmed, dialog } = useStepUp();
  const [note, setNote] = useState("");
  const [size, setSize] = useState<Size>("1");
  const invite = useMutation({
    mutationFn: () => confirmed(() => api.invite({ uses: Number(size), note: note.trim() })),
  });
  if (invite.data) return <Invited url={invite.data.url} onClose={onClose} />;
  return (
    <>
      <Dialog
        // One question at a time.
        isOpen={dialog === null}
        title={t("admin.invite")}
        onClose={onClose}
        actions={
          <>
            <Button look="primary" isPending={invite.isPending} onPress={() => invite.mutate()}>
              {t("admin.inviteAction")}
            </Button>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
          </>
        }
      >
        <TextField
          label={t("admin.inviteNote")}
          aside={t("common.optional")}
          value={note}
          onChange={setNote}
          maxLength={LONGEST}
          autoComplete="off"
          autoFocus
        />
        <Choice<Size>
          label={t("admin.inviteUses")}
          value={size}
          options={sizes.map((value) => ({ value, label: value }))}
          onChange={setSize}
        />
        <p className="text-sm">{t("admin.inviteWeek")}</p>
        <FormFailure
          text={invite.isError && !isCancelled(invite.error) ? describe(invite.error) : null}
        />
      </Dialog>
      {dialog}
    </>
  );
}

function Invited({ url, onClose }: { url: string; onClose: () => void }) {
  const { t } = useTranslation();
  const { copied, copy } = useCopy();
  return (
    <Dialog
      warns
      isOpen
      title={t("admin.invited")}
      onClose={onClose}
      actions={
        <>
          <Button look="primary" onPress={() => void copy(url)}>
            {copied ? <CheckIcon size={18} /> : <CopyIcon size={18} />}
            <span aria-live="polite">{copied ? t("common.copied") : t("common.copy")}</span>
          </Button>
          <Button onPress={onClose}>{t("common.done")}</Button>
        </>
      }
    >
      <p>{t("admin.invitedText")}</p>
      <p className="rounded-field border border-line bg-sunken px-4 py-3 text-md [overflow-wrap:anywhere] text-text select-all">
        {url}
      </p>
    </Dialog>
  );
}
