import { Avatar } from "@/components/ui/avatar";
import { Button } from "@/components/ui/button";
import { IconButton } from "@/components/ui/icon-button";
import { useProblemText } from "@/i18n/problem-text";
import type { PendingRequests, Profile } from "@/protocol.gen";
import { ProhibitIcon } from "@phosphor-icons/react/Prohibit";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { BlockDialog } from "./block-dialog";
import { displayName } from "./names";
import { PersonRow, RowSection } from "./person-row";
import { useRequestActions } from "./use-request-actions";

/** Requests that wait for an answer: mine first, then theirs. */
export function RequestRows({ requests }: { requests: PendingRequests }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const describe = useProblemText();
  const { accept, reject, withdraw } = useRequestActions();
  const [blocking, setBlocking] = useState<Profile | null>(null);
  const fault = accept.error ?? reject.error ?? withdraw.error;
  const { incoming, outgoing } = requests;
  if (incoming.length + outgoing.length === 0) return null;

  return (
    <>
      <RowSection title={t("people.requests")}>
        {incoming.map((request) => (
          <li
            key={request.request_id}
            className="mb-2 flex gap-3 rounded-field border border-line bg-other px-2.5 py-2.5"
          >
            <Avatar name={displayName(request.user)} picture={request.user.avatar} />
            <div className="min-w-0 grow">
              <p className="truncate font-medium">{displayName(request.user)}</p>
              <p className="text-md text-text-2">{t("people.incoming")}</p>
              <div className="mt-2 flex gap-2">
                <Button
                  look="moss"
                  size="small"
                  aria-label={`${t("people.accept")}: ${displayName(request.user)}`}
                  isPending={accept.isPending && accept.variables === request}
                  onPress={() =>
                    accept.mutate(request, {
                      onSuccess: () =>
                        void navigate({ to: "/chat/$id", params: { id: request.user.user_id } }),
                    })
                  }
                >
                  {t("people.accept")}
                </Button>
                <Button
                  look="quiet"
                  size="small"
                  isPending={reject.isPending && reject.variables === request}
                  aria-label={`${t("people.reject")}: ${displayName(request.user)}`}
                  onPress={() => reject.mutate(request)}
                >
                  {t("people.reject")}
                </Button>
                <span className="ml-auto">
                  <IconButton
                    label={t("people.blockPerson", { name: displayName(request.user) })}
                    onPress={() => setBlocking(request.user)}
                  >
                    <ProhibitIcon size={20} />
                  </IconButton>
                </span>
              </div>
            </div>
          </li>
        ))}
        {outgoing.map((request) => (
          <PersonRow key={request.request_id} person={request.user} line={t("people.waiting")}>
            <Button
              look="quiet"
              size="small"
              isPending={withdraw.isPending && withdraw.variables === request}
              aria-label={`${t("people.withdraw")}: ${displayName(request.user)}`}
              onPress={() => withdraw.mutate(request)}
            >
              {t("people.withdraw")}
            </Button>
          </PersonRow>
        ))}
      </RowSection>
      {fault && (
        <p role="alert" className="px-2.5 text-md text-danger">
          {describe(fault)}
        </p>
      )}
      {blocking && <BlockDialog person={blocking} isOpen onClose={() => setBlocking(null)} />}
    </>
  );
}
