import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { FormFailure } from "@/features/auth/form-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { displayName } from "@/features/people/names";
import { isCancelled } from "@/features/settings/is-cancelled";
import { isMyName } from "@/features/settings/is-my-name";
import { useProblemText } from "@/i18n/problem-text";
import type { Account, FactorReset } from "@/protocol.gen";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type AccountAct, actWords, carryOut } from "./acts";
import { resetQuery } from "./queries";

interface ActDialogProps {
  account: Account;
  act: AccountAct;
  onClose: () => void;
}

/** Says what follows, asks for a fresh second factor where the server wants one, and does it. */
export function ActDialog({ account, act, onClose }: ActDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { confirmed, dialog } = useStepUp();
  const [typed, setTyped] = useState("");
  const deletes = act.what === "delete";
  const run = useMutation({
    mutationFn: () => confirmed(() => carryOut(account, act)),
    async onSuccess(reply) {
      if (act.what === "reset") {
        queries.setQueryData(resetQuery(account.user_id).queryKey, reply as FactorReset);
      }
      if (deletes) await navigate({ to: "/admin", replace: true });
      else await queries.invalidateQueries({ queryKey: ["mine", "admin"] });
      onClose();
    },
  });
  const { title, text, action } = actWords[act.what];
  const name = displayName(account);
  const role = act.what === "role" ? t(`admin.roles.${act.role}`) : "";
  const ready = !deletes || isMyName(typed, account.username);
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
              look={deletes || act.what === "deactivate" ? "danger" : "primary"}
              isPending={run.isPending}
              isDisabled={!ready}
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
        {deletes && (
          <TextField
            label={t("admin.typeUsername", { username: account.username })}
            value={typed}
            onChange={setTyped}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
            autoFocus
          />
        )}
        <FormFailure text={run.isError && !isCancelled(run.error) ? describe(run.error) : null} />
      </Dialog>
      {dialog}
    </>
  );
}
