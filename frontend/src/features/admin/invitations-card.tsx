import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { SkeletonRows } from "@/components/ui/skeleton";
import { api } from "@/core/api";
import { FormFailure } from "@/features/auth/form-failure";
import { useStepUp } from "@/features/devices/use-step-up";
import { isCancelled } from "@/features/settings/is-cancelled";
import { LoadFailure } from "@/features/settings/load-failure";
import { useProblemText } from "@/i18n/problem-text";
import { useLocale } from "@/i18n/use-locale";
import { longDate } from "@/lib/format";
import { useNow } from "@/lib/use-now";
import type { Invitation } from "@/protocol.gen";
import { PlusIcon } from "@phosphor-icons/react/Plus";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { InviteDialog } from "./invite-dialog";
import { invitationsQuery } from "./queries";

/** The invitations there are, and new ones. */
export function InvitationsCard() {
  const { t } = useTranslation();
  const describe = useProblemText();
  const queries = useQueryClient();
  const { data: invitations, error, refetch } = useQuery(invitationsQuery);
  const { confirmed, dialog } = useStepUp();
  const [inviting, setInviting] = useState(false);
  const revoke = useMutation({
    mutationFn: (id: string) => confirmed(() => api.revokeInvitation(id)),
    onSettled: () => queries.invalidateQueries(invitationsQuery),
  });
  return (
    <Card title={t("admin.invitations")} lead={t("admin.invitationsLead")}>
      {invitations && invitations.length > 0 && (
        <ul aria-label={t("admin.invitations")} className="mt-1 divide-y divide-line">
          {invitations.map((invitation) => (
            <InvitationRow
              key={invitation.invitation_id}
              invitation={invitation}
              isPending={revoke.isPending && revoke.variables === invitation.invitation_id}
              onRevoke={() => revoke.mutate(invitation.invitation_id)}
            />
          ))}
        </ul>
      )}
      {invitations?.length === 0 && (
        <p role="status" className="mt-3 text-text-2">
          {t("admin.noInvitations")}
        </p>
      )}
      {!invitations && !error && <SkeletonRows count={2} label={t("common.loading")} />}
      {!invitations && error && <LoadFailure fault={error} onRetry={() => void refetch()} />}
      <FormFailure
        text={revoke.isError && !isCancelled(revoke.error) ? describe(revoke.error) : null}
      />
      <div className="mt-3 flex flex-col md:items-start">
        <Button onPress={() => setInviting(true)}>
          <PlusIcon size={18} />
          {t("admin.invite")}
        </Button>
      </div>
      {inviting && (
        <InviteDialog
          onClose={() => {
            setInviting(false);
            void queries.invalidateQueries(invitationsQuery);
          }}
        />
      )}
      {dialog}
    </Card>
  );
}

interface InvitationRowProps {
  invitation: Invitation;
  isPending: boolean;
  onRevoke: () => void;
}

function InvitationRow({ invitation, isPending, onRevoke }: InvitationRowProps) {
  const { t } = useTranslation();
  const locale = useLocale();
  const now = useNow();
  const { note, uses, used, expires_at } = invitation;
  const end = Date.parse(expires_at);
  const over = end < now || used >= uses;
  const name = note || t("admin.invitation");
  return (
    <li className="flex flex-wrap items-center gap-x-3.5 gap-y-2 py-3.5 md:flex-nowrap">
      <div className="w-0 min-w-48 grow text-md text-text-2">
        <p className="text-body font-medium [overflow-wrap:anywhere] text-text">{name}</p>
        <p>{t("admin.used", { used, uses })}</p>
        <p>{t("remembered.until", { date: longDate(end, locale) })}</p>
      </div>
      {over ? (
        <span className="text-md text-text-2">{t("admin.over")}</span>
      ) : (
        <Button
          size="small"
          aria-label={`${t("admin.revoke")}: ${name}`}
          isPending={isPending}
          onPress={onRevoke}
        >
          {t("admin.revoke")}
        </Button>
      )}
    </li>
  );
}
