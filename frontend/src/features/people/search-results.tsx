import { Button } from "@/components/ui/button";
import { SkeletonRows } from "@/components/ui/skeleton";
import { useProblemText } from "@/i18n/problem-text";
import type { FoundUser } from "@/protocol.gen";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { displayName } from "./names";
import { PersonRow, RowSection } from "./person-row";
import { requestsQuery, searchQuery } from "./queries";
import { useBlocks } from "./use-blocks";
import { useRequestActions } from "./use-request-actions";

interface SearchResultsProps {
  text: string;
  /** A result led somewhere else: the search is over. */
  onDone: () => void;
}

/** Who was found, and what one may do: ask, accept, write, unblock. */
export function SearchResults({ text, onDone }: SearchResultsProps) {
  const { t } = useTranslation();
  const describe = useProblemText();
  const found = useQuery({ ...searchQuery(text), placeholderData: keepPreviousData });

  if (found.isError) {
    return (
      <p role="alert" className="px-2.5 text-md text-danger">
        {describe(found.error)}
      </p>
    );
  }
  if (!found.data) return <SkeletonRows count={3} label={t("common.loading")} />;
  return (
    <>
      <p role="status" className={found.data.length > 0 ? "sr-only" : "px-2.5 text-md text-text-2"}>
        {found.data.length > 0
          ? t("people.found", { count: found.data.length })
          : t("people.noResults")}
      </p>
      {found.data.length > 0 && (
        <RowSection title={t("people.results")}>
          {found.data.map((user) => (
            <PersonRow key={user.user_id} person={user} line={`@${user.username}`}>
              <ResultAction user={user} onDone={onDone} />
            </PersonRow>
          ))}
        </RowSection>
      )}
    </>
  );
}

function ResultAction({ user, onDone }: { user: FoundUser; onDone: () => void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { data: requests } = useQuery(requestsQuery);
  const { send, accept } = useRequestActions();
  const { unblock } = useBlocks();
  const label = (action: string) => `${action}: ${displayName(user)}`;
  const write = () => {
    onDone();
    void navigate({ to: "/chat/$id", params: { id: user.user_id } });
  };

  if (user.relation === "contact") {
    return (
      <Button size="small" aria-label={label(t("people.write"))} onPress={write}>
        {t("people.write")}
      </Button>
    );
  }
  if (user.relation === "blocked") {
    return (
      <Button
        size="small"
        aria-label={label(t("people.unblock"))}
        isPending={unblock.isPending}
        onPress={() => unblock.mutate(user)}
      >
        {t("people.unblock")}
      </Button>
    );
  }
  if (user.relation === "outgoing" || send.isSuccess) {
    return <span className="px-2 text-md text-text-2">{t("people.requested")}</span>;
  }
  const request = requests?.incoming.find(({ user: { user_id } }) => user_id === user.user_id);
  if (user.relation === "incoming" && request) {
    return (
      <Button
        look="moss"
        size="small"
        aria-label={label(t("people.accept"))}
        isPending={accept.isPending}
        onPress={() => accept.mutate(request, { onSuccess: write })}
      >
        {t("people.accept")}
      </Button>
    );
  }
  return (
    <Button
      look="moss"
      size="small"
      aria-label={label(t("people.add"))}
      isPending={send.isPending}
      onPress={() => send.mutate(user)}
    >
      {t("people.add")}
    </Button>
  );
}
