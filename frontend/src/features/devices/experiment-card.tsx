import { Card } from "@/components/ui/card";
import { Switch } from "@/components/ui/switch";
import { setPostQuantum } from "@/core/own";
import { useCore } from "@/core/store";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";

/** Conversations with post-quantum keys, where this build has them. */
export function ExperimentCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const standing = useCore((state) => state.own?.post_quantum ?? null);
  const change = useMutation({ mutationFn: setPostQuantum });
  if (standing === null) return null;
  return (
    <Card title={t("experiment.title")} lead={t("experiment.lead")}>
      <div className="mt-1">
        <Switch
          label={t("experiment.postQuantum")}
          isSelected={change.isPending ? change.variables : standing}
          onChange={(on) => !change.isPending && change.mutate(on)}
        >
          {t("experiment.postQuantumText")}
        </Switch>
      </div>
      <FormFailure text={change.isError ? describe(change.error) : null} />
    </Card>
  );
}
