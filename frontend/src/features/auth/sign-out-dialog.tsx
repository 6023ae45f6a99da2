import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { Notice } from "@/components/ui/notice";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { kitQuery } from "./kit";
import { signOut, useUser } from "./session";

interface SignOutDialogProps {
  isOpen: boolean;
  onClose: () => void;
}

/** Asks whether this browser keeps its messages and keys, or erases them on the way out. */
export function SignOutDialog({ isOpen, onClose }: SignOutDialogProps) {
  const { t } = useTranslation();
  const user = useUser();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const describe = useProblemText();
  const { data: kit } = useQuery(kitQuery);
  const leave = useMutation({
    mutationFn: (erase: boolean) => signOut(queries, user, erase),
    onSuccess: (server) =>
      server === "untold"
        ? navigate({ to: "/sign-in", search: { because: "erased" }, replace: true })
        : navigate({ to: "/", replace: true }),
  });

  return (
    <Dialog
      title={t("signOut.title")}
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <Button look="quiet" wide onPress={onClose}>
          {t("common.cancel")}
        </Button>
      }
    >
      {kit && <Notice>{t("signOut.unsaved")}</Notice>}
      {leave.isError && (
        <p role="alert" className="text-danger">
          {describe(leave.error)}
        </p>
      )}
      <div className="flex flex-col gap-1.5">
        <Button
          look="primary"
          wide
          isPending={leave.isPending && leave.variables === false}
          isDisabled={leave.isPending}
          onPress={() => leave.mutate(false)}
        >
          {t("signOut.keep")}
        </Button>
        <p className="px-1 text-sm">{t("signOut.keepText")}</p>
      </div>
      <div className="flex flex-col gap-1.5">
        <Button
          look="warning"
          wide
          isPending={leave.isPending && leave.variables === true}
          isDisabled={leave.isPending}
          onPress={() => leave.mutate(true)}
        >
          {t("signOut.erase")}
        </Button>
        <p className="px-1 text-sm">{t("signOut.eraseText")}</p>
      </div>
    </Dialog>
  );
}
