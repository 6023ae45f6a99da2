import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useProblemText } from "@/i18n/problem-text";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { displayName } from "./names";
import { PersonRow } from "./person-row";
import { blockedQuery } from "./queries";
import { useBlocks } from "./use-blocks";

/** Whom I keep out, and the way back in. */
export function BlockedList() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const { data: blocked, error } = useQuery(blockedQuery);
  const { unblock } = useBlocks();
  const fault = unblock.error ?? error;

  return (
    <Card title={t("people.blocked")} lead={t("people.blockedLead")}>
      {blocked && blocked.length > 0 && (
        <ul className="-mx-2.5 mt-2 flex flex-col">
          {blocked.map((person) => (
            <PersonRow key={person.user_id} person={person}>
              <Button
                size="small"
                aria-label={`${t("people.unblock")}: ${displayName(person)}`}
                isPending={unblock.isPending && unblock.variables === person}
                onPress={() => unblock.mutate(person)}
              >
                {t("people.unblock")}
              </Button>
            </PersonRow>
          ))}
        </ul>
      )}
      {blocked?.length === 0 && (
        <p role="status" className="mt-3 text-text-2">
          {t("people.nobodyBlocked")}
        </p>
      )}
      {!blocked && !error && <SkeletonRows count={1} label={t("common.loading")} />}
      {fault && (
        <p role="alert" className="mt-2 text-md text-danger">
          {describe(fault)}
        </p>
      )}
    </Card>
  );
}
