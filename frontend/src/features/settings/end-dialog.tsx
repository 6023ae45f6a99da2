import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/text-field";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { endAccount, useUser } from "@/features/auth/session";
import { useStepUp } from "@/features/devices/use-step-up";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { isCancelled } from "./is-cancelled";
import { isMyName } from "./is-my-name";

interface EndDialogProps {
  how: "deactivate" | "delete";
  onClose: () => void;
}

/** Says what goes, and wants the username typed: this is not done by accident. */
export function EndDialog({ how, onClose }: EndDialogProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const { confirmed, dialog } = useStepUp();
  const [typed, setTyped] = useState("");
  const right = isMyName(typed, user.username);
  const end = useMutation({
    mutationFn: () => {
      const body = { username: user.username };
      const act = how === "delete" ? api.deleteMe : api.deactivate;
      return endAccount(queries, user, how === "delete", () => confirmed(() => act(body)));
    },
    onSuccess: () =>
      navigate({
        to: "/sign-in",
        search: { because: how === "delete" ? "deleted" : "deactivated" },
        replace: true,
      }),
  });
  const go = () => right && !end.isPending && end.mutate();

  return (
    <>
      <Dialog
        warns
        // One question at a time.
        isOpen={dialog === null}
        title={t(how === "delete" ? "account.deleteTitle" : "account.deactivateTitle")}
        onClose={onClose}
        actions={
          <>
            <Button look="danger" isPending={end.isPending} isDisabled={!right} onPress={go}>
              {t(how === "delete" ? "account.deleteAction" : "account.deactivate")}
            </Button>
            <Button onPress={onClose}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t(how === "delete" ? "account.deleteText" : "account.deactivateText")}</p>
        <Form
          validationBehavior="aria"
          onSubmit={(event) => {
            event.preventDefault();
            go();
          }}
        >
          <TextField
            label={t("account.typeUsername", { username: user.username })}
            value={typed}
            onChange={setTyped}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck="false"
            autoFocus
          />
        </Form>
        <FormFailure text={end.isError && !isCancelled(end.error) ? describe(end.error) : null} />
      </Dialog>
      {dialog}
    </>
  );
}
