import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Dialog } from "@/components/ui/dialog";
import { SkeletonRows } from "@/components/ui/skeleton";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { LoadFailure } from "./load-failure";
import { sessionsQuery } from "./queries";
import { SectionPage } from "./section-page";
import { SessionRow } from "./session-row";

/** Where I am signed in. */
export function SessionsPage() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const { data: sessions, error, refetch } = useQuery(sessionsQuery);
  const [asking, setAsking] = useState(false);
  const refresh = () => queries.invalidateQueries(sessionsQuery);
  const end = useMutation({ mutationFn: api.endSession, onSettled: refresh });
  const endOthers = useMutation({
    mutationFn: api.endOtherSessions,
    onSuccess: () => setAsking(false),
    onSettled: refresh,
  });
  const others = sessions?.filter((session) => !session.current) ?? [];

  return (
    <SectionPage title={t("sessions.title")}>
      <Card title={t("sessions.list")} lead={t("sessions.lead")}>
        {sessions && (
          <ul className="mt-1 divide-y divide-line">
            {sessions.map((session) => (
              <SessionRow
                key={session.session_id}
                session={session}
                isPending={end.isPending && end.variables === session.session_id}
                onEnd={() => end.mutate(session.session_id)}
              />
            ))}
          </ul>
        )}
        {!sessions && !error && <SkeletonRows count={2} label={t("common.loading")} />}
        {!sessions && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
        <FormFailure text={end.isError ? describe(end.error) : null} />
        {sessions && others.length === 0 && (
          <p className="text-md text-text-2">{t("sessions.alone")}</p>
        )}
        {others.length > 0 && (
          <div className="mt-1 flex flex-col md:items-start">
            <Button look="warning" onPress={() => setAsking(true)}>
              {t("sessions.endOthers")}
            </Button>
          </div>
        )}
      </Card>
      <Dialog
        warns
        title={t("sessions.endOthersTitle")}
        isOpen={asking}
        onClose={() => setAsking(false)}
        actions={
          <>
            <Button
              look="danger"
              isPending={endOthers.isPending}
              onPress={() => endOthers.mutate()}
            >
              {t("sessions.endOthers")}
            </Button>
            <Button onPress={() => setAsking(false)}>{t("common.cancel")}</Button>
          </>
        }
      >
        <p>{t("sessions.endOthersText", { count: others.length })}</p>
        <FormFailure text={endOthers.isError ? describe(endOthers.error) : null} />
      </Dialog>
    </SectionPage>
  );
}
