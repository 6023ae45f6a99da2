import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { displayName } from "@/features/people/names";
import { isCancelled } from "@/features/settings/is-cancelled";
import { useProblemText } from "@/i18n/problem-text";
import type { Account, Role } from "@/protocol.gen";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

/** What somebody is about to do to an account. */
export type AccountAct =
  | { what: "role"; role: Role }
  | { what: "sessions" }
  | { what: "deactivate" }
  | { what: "activate" };

interface ActDialogProps {
  account: Account;
  act: AccountAct;
  onClose: () => void;
}

const words = {
  role: { title: "admin.roleTitle", text: "admin.roleText", action: "admin.roleAction" },
  sessions: {
    title: "admin.endSessionsTitle",
    text: "admin.endSessionsText",
    action: "admin.endSessions",
  },
  deactivate: {
    title: "admin.deactivateTitle",
    text: "admin.deactivateText",
    action: "admin.deactivate",
  },
  activate: { title: "admin.activateTitle", text: "admin.activateText", action: "admin.activate" },
} as const;

/** Says what follows, asks for a fresh second factor where the server wants one, and does it. */
export function ActDialog({ account, act, onClose }: ActDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const { confirmed, dialog } = useStepUp();
  const run = useMutation({
    mutationFn: () => confirmed(() => carryOut(account.user_id, act)),
    async onSuccess() {
      await queries.invalidateQueries({ queryKey: ["mine", "admin"] });
      onClose();
    },
  });
  const { title, text, action } = words[act.what];
  const name = displayName(account);
  const role = act.what === "role" ? t(`admin.roles.${act.role}`) : "";
  return (
    <>
      <Dialog
        warns
        // One question at a time.
        isOpen={dialog === null}
        title={t(title, { name, role })}
        onClose={onClose}
        actions={
          <>
            <Button
              look={act.what === "deactivate" ? "danger" : "primary"}
              isPending={run.isPending}
              onPress={() => run.mutate()}
            >
              {t(action)}
            </Button>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t(text, { name, role })}</p>
        {act.what === "role" && <p>{t(`admin.may.${act.role}`)}</p>}
        <FormFailure text={run.isError && !isCancelled(run.error) ? describe(run.error) : null} />
      </Dialog>
      {dialog}
    </>
  );
}

function carryOut(id: string, act: AccountAct): Promise<unknown> {
  switch (act.what) {
    case "role":
      return api.setRole(id, { role: act.role });
    case "sessions":
      return api.endSessionsOf(id);
    case "deactivate":
      return api.switchOff(id);
    case "activate":
      return api.switchOn(id);
  }
}
